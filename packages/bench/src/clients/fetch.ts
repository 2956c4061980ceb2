/** Node's global `fetch` with p-map, 64 at once. */
import pMap from "p-map"
import * as Measure from "../Measure.js"

await Measure.main(({ connections }) => ({
  run: async ({ answer, count, url }) => {
    await pMap(Measure.numbers(count), async (n) => answer(n, await (await fetch(url(n))).json()), {
      concurrency: connections
    })
  },
  close: () => Promise.resolve()
}))
