/** got in a p-queue that is told the limit; got itself repeats what was refused, by `Retry-After` where there is one. */
import { got } from "got"
import { Agent } from "node:http"
import PQueue from "p-queue"
import * as Measure from "../Measure.js"

await Measure.main(({ connections, perSecond, retries }) => {
  const http = new Agent({ keepAlive: true, maxSockets: connections })
  const client = got.extend({ agent: { http }, retry: { limit: retries }, timeout: { connect: 1000 } })
  const queue = new PQueue({
    concurrency: connections,
    ...(perSecond === undefined ? {} : { interval: 1000, intervalCap: perSecond })
  })
  return {
    run: (urls, done) =>
      queue.addAll(urls.map((url, n) => async () => done(n, await Measure.outcomeOf(client(url).json())))),
    close: async () => http.destroy()
  }
})
