/** got with p-map, 64 at once, over kept-alive connections. */
import { got } from "got"
import { Agent } from "node:http"
import pMap from "p-map"
import * as Measure from "../Measure.js"

await Measure.main(({ connections }) => {
  const http = new Agent({ keepAlive: true, maxSockets: connections })
  const client = got.extend({ agent: { http } })
  return {
    run: async ({ answer, count, url }) => {
      await pMap(Measure.numbers(count), async (n) => answer(n, await client(url(n)).json()), {
        concurrency: connections
      })
    },
    close: async () => http.destroy()
  }
})
