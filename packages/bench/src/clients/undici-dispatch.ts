/** undici's lowest level: a handler of our own for each request, 64 at once, without a promise in between. */
import { Agent, type Dispatcher } from "undici"
import * as Measure from "../Measure.js"

await Measure.main(({ connections }) => {
  const agent = new Agent({ connections })
  return {
    run: (part) => dispatchAll(agent, connections, part),
    close: () => agent.close()
  }
})

function dispatchAll(agent: Agent, atOnce: number, { answer, count, url }: Measure.Part): Promise<void> {
  return new Promise((resolve, reject) => {
    let next = 0
    let left = count
    const dispatch = (): void => {
      if (next === count) return
      const n = next++
      const { origin, pathname } = new URL(url(n))
      const chunks: Array<Buffer> = []
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart: () => {},
        onResponseStart: (_, status) => {
          if (status !== 200) reject(new Error(`status ${status}`))
        },
        onResponseData: (_, chunk) => {
          chunks.push(chunk)
        },
        onResponseEnd: () => {
          const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
          answer(n, JSON.parse(body.toString()))
          if (--left === 0) resolve()
          else dispatch()
        },
        onResponseError: (_, error) => reject(error)
      }
      agent.dispatch({ origin, path: pathname, method: "GET" }, handler)
    }
    for (let i = 0; i < atOnce; i++) dispatch()
  })
}
