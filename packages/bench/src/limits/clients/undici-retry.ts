/** undici with its `RetryAgent`, which is told no limit and repeats a request, by `Retry-After`. */
import { Agent, request, RetryAgent } from "undici"
import { loops } from "../../Measure.js"
import * as Measure from "../Measure.js"
import { success } from "../Task.js"

await Measure.main(({ connections, retries }) => {
  const agent = new Agent({ connections, connect: { timeout: 1000 } })
  const dispatcher = new RetryAgent(agent, { maxRetries: retries })
  const get = async (url: string): Promise<string> => {
    const { body, statusCode } = await request(url, { dispatcher })
    await body.text()
    return statusCode === 200 ? success : `status ${statusCode}`
  }
  return {
    run: (urls, done) =>
      loops(
        connections,
        urls.length,
        (n) => get(urls[n]!).then((outcome) => done(n, outcome), (error) => done(n, Measure.nameOf(error)))
      ),
    close: () => agent.close()
  }
})
