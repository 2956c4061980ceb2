/** The frame of a client's process: reads the task, warms up, runs all streams at once, reports. */
import * as Task from "./Task.js"

/** Asks for all URLs, and says of each what became of it: `success`, or the name of what went wrong. */
type Run = (urls: ReadonlyArray<string>, done: (n: number, outcome: string) => void) => Promise<unknown>

interface Client {
  readonly run: Run
  readonly close: () => Promise<unknown>
}

const warmupCount = 200

/** Runs a client as this process' program. `open` is called twice where it is told a limit: the warm-up has none. */
export const main = async (open: (task: Task.Task) => Client): Promise<void> => {
  const task: Task.Task = JSON.parse(process.argv[2]!)
  const { perSecond, ...unlimited } = task
  const first = open(unlimited)
  await first.run(Task.urls({ origins: [task.warmup], count: warmupCount }, 0), () => {})
  const client = perSecond === undefined ? first : open(task)
  const report = await measure(task, client.run)
  process.stdout.write(`\n${JSON.stringify(report)}\n`)
  await client.close()
  if (client !== first) await first.close()
}

const measure = async ({ streams }: Task.Task, run: Run): Promise<Task.Report> => {
  const begun = performance.now()
  const now = () => (performance.now() - begun) / 1000
  const good = streams.map(() => 0)
  const each = async (entries: Task.Entries, stream: number): Promise<Task.StreamReport> => {
    const outcomes: Record<string, number> = {}
    const lastOf = entries.origins.map(() => 0)
    await run(Task.urls(entries, stream), (n, outcome) => {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      lastOf[n % lastOf.length] = now()
      if (outcome === Task.success) good[stream]!++
    })
    return { seconds: now(), outcomes, lastOf, goodAtEnd: [...good] }
  }
  return { streams: await Promise.all(streams.map(each)) }
}

/** What became of an entry, of clients that throw: `success`, or what went wrong, in a word. */
export const outcomeOf = async (answer: Promise<unknown>): Promise<string> => {
  try {
    await answer
    return Task.success
  } catch (error) {
    return nameOf(error)
  }
}

const nameOf = (error: unknown): string => {
  const { code, name, response } = error as Error & {
    readonly code?: string
    readonly response?: { readonly statusCode?: number }
  }
  return response?.statusCode === undefined ? code ?? name : `status ${response.statusCode}`
}
