/** undici with its `RetryAgent`, which is told no limit and repeats a request, by `Retry-After`. */
import { Agent, request, RetryAgent } from "undici"
import { loops } from "../../Measure.js"
import * as Measure from "../Measure.js"

await Measure.main(({ connections, retries }) => {
  const agent = new Agent({ connections, connect: { timeout: 1000 } })
  const dispatcher = new RetryAgent(agent, { maxRetries: retries })
  const get = async (url: string): Promise<void> => {
    const { body, statusCode } = await request(url, { dispatcher })
    await body.text()
    if (statusCode !== 200) throw Object.assign(new Error(), { code: `status ${statusCode}` })
  }
  return {
    run: (urls, done) => loops(connections, urls.length, async (n) => done(n, await Measure.outcomeOf(get(urls[n]!)))),
    close: () => agent.close()
  }
})
