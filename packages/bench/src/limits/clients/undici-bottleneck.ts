/** undici's `request` in a Bottleneck that is told the limit, as the time between two requests. Nothing is repeated. */
import Bottleneck from "bottleneck"
import { Agent, request } from "undici"
import * as Measure from "../Measure.js"

await Measure.main(({ connections, perSecond }) => {
  const dispatcher = new Agent({ connections, connect: { timeout: 1000 } })
  const limiter = new Bottleneck({
    maxConcurrent: connections,
    ...(perSecond === undefined ? {} : { minTime: 1000 / perSecond })
  })
  const get = async (url: string): Promise<void> => {
    const { body, statusCode } = await request(url, { dispatcher })
    await body.text()
    if (statusCode !== 200) throw Object.assign(new Error(), { code: `status ${statusCode}` })
  }
  return {
    run: (urls, done) =>
      Promise.all(urls.map(async (url, n) => done(n, await Measure.outcomeOf(limiter.schedule(() => get(url)))))),
    close: () => dispatcher.close()
  }
})
