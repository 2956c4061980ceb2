/** piscina, 2 threads, each with a loop over undici's `request`: chunks of 1,000 URLs go in, the JSONs come back. */
import { Piscina } from "piscina"
import * as Measure from "../Measure.js"

const threads = 2
const chunkSize = 1000

await Measure.main(({ connections }) => {
  const pool = new Piscina<ReadonlyArray<string>, ReadonlyArray<unknown>>({
    filename: new URL("./piscina-worker.js", import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    workerData: { connections: connections / threads }
  })
  return {
    run: ({ answer, count, url }) =>
      // Two chunks for each thread, so that none waits for its next one.
      Measure.loops(2 * threads, Math.ceil(count / chunkSize), async (chunk) => {
        const first = chunk * chunkSize
        const length = Math.min(chunkSize, count - first)
        const jsons = await pool.run(Array.from({ length }, (_, i) => url(first + i)))
        jsons.forEach((json, i) => answer(first + i, json))
      }),
    close: () => pool.destroy()
  }
})
