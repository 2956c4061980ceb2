/**
 * autocannon as a client: a load generator, which gives nobody the answers, but
 * checks them where they arrive.
 */
import autocannon from "autocannon"
import { fileURLToPath } from "node:url"
import * as Measure from "./Measure.js"
import * as Task from "./Task.js"

const path = (name: string) => fileURLToPath(new URL(`./clients/${name}`, import.meta.url))

/** Runs autocannon with so many threads as this process' program. One is the main thread. */
export const main = async (workers: number): Promise<void> => {
  const task: Task.Task = JSON.parse(process.argv[2]!)
  // New threads would not be warm.
  if (workers === 1) await run(task, task.warmup, 1)
  const cpu = process.cpuUsage()
  const { answers, seconds } = await run(task, task.entries, workers)
  const { system, user } = process.cpuUsage(cpu)
  Measure.report({
    answers,
    read: answers * Task.message.length,
    seconds,
    quickSeconds: seconds,
    cpuMicros: system + user,
    rssBytes: process.resourceUsage().maxRSS * 1024,
    warmup: workers === 1 ? task.warmup : 0
  })
}

const run = async ({ connections, origins, path: prefix }: Task.Task, amount: number, workers: number) => {
  const result = await autocannon({
    url: origins[0]!,
    connections,
    amount,
    // The end is noticed at a sample only.
    sampleInt: 20,
    timeout: 60,
    ...(workers === 1 ? undefined : { workers }),
    requests: [{ path: `/${prefix}/`, setupRequest: path("autocannon-request.cjs") as never }],
    verifyBody: path("autocannon-verify.cjs") as never
  })
  if (result.errors > 0 || result.non2xx > 0) throw new Error(`${result.errors} errors, ${result.non2xx} not 2xx`)
  return { answers: result["2xx"] - result.mismatches, seconds: (Date.now() - Number(result.start)) / 1000 }
}
