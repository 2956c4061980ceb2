/** Raw undici where the server compresses: it asks for gzip and decodes by hand, on its one thread. */
import { gunzipSync } from "node:zlib"
import { Agent, request } from "undici"
import * as Measure from "../Measure.js"

const headers = { "accept-encoding": "gzip" }

await Measure.main(({ connections }) => {
  const dispatcher = new Agent({ connections })
  return {
    run: ({ answer, count, url }) =>
      Measure.loops(connections, count, async (n) => {
        const { body } = await request(url(n), { dispatcher, headers })
        // At this size faster than undici's interceptor, whose streams go through the thread pool.
        answer(n, JSON.parse(gunzipSync(await body.bytes()).toString()))
      }),
    close: () => dispatcher.close()
  }
})
