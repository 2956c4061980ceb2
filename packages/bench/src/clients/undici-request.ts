/** "Raw undici": the loop a user writes who wants speed. One thread, one `request` after the other in each of 64 loops. */
import { Agent, request } from "undici"
import * as Measure from "../Measure.js"

await Measure.main(({ connections }) => {
  const dispatcher = new Agent({ connections })
  return {
    run: ({ answer, count, url }) =>
      Measure.loops(connections, count, async (n) => {
        const { body } = await request(url(n), { dispatcher })
        answer(n, await body.json())
      }),
    close: () => dispatcher.close()
  }
})
