/** undici's `request` in a Bottleneck that is told the limit, as the time between two requests. Nothing is repeated. */
import Bottleneck from "bottleneck"
import { Agent, request } from "undici"
import * as Measure from "../Measure.js"
import { success } from "../Task.js"

await Measure.main(({ connections, perSecond }) => {
  const dispatcher = new Agent({ connections, connect: { timeout: 1000 } })
  const limiter = new Bottleneck({
    maxConcurrent: connections,
    ...(perSecond === undefined ? {} : { minTime: 1000 / perSecond })
  })
  const get = async (url: string): Promise<string> => {
    const { body, statusCode } = await request(url, { dispatcher })
    await body.text()
    return statusCode === 200 ? success : `status ${statusCode}`
  }
  return {
    run: (urls, done) =>
      Promise.all(
        urls.map((url, n) =>
          limiter.schedule(() => get(url)).then(
            (outcome) => done(n, outcome),
            (error) => done(n, Measure.nameOf(error))
          )
        )
      ),
    close: () => dispatcher.close()
  }
})
