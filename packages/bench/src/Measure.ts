/**
 * The frame of a client's process: reads the task, warms up, measures, reports.
 * Plain code without Effect, so that the clients without Effect stay without.
 */
import * as Task from "./Task.js"

/** A number of URLs to ask for. */
export interface Part {
  readonly count: number
  readonly url: (n: number) => string
  /** To be called with each answer's JSON: reads its field and counts it. */
  readonly answer: (n: number, json: unknown) => void
}

/** A client that is ready to be asked. */
export interface Client {
  readonly run: (part: Part) => Promise<unknown>
  readonly close: () => Promise<void>
}

/** Runs a client as this process' program. */
export const main = async (open: (task: Task.Task) => Promise<Client> | Client): Promise<void> => {
  const task: Task.Task = JSON.parse(process.argv[2]!)
  const client = await open(task)
  await client.run({ ...new Tally(task.warmup).part, url: (n) => Task.warmupUrl(task, n) })
  const tally = new Tally(task.entries)
  const cpu = process.cpuUsage()
  const start = performance.now()
  await client.run({ ...tally.part, url: (n) => Task.url(task, n) })
  const seconds = (performance.now() - start) / 1000
  const { system, user } = process.cpuUsage(cpu)
  report({
    answers: tally.answers,
    read: tally.read,
    seconds,
    quickSeconds: (tally.lastQuick - start) / 1000,
    cpuMicros: system + user,
    rssBytes: process.resourceUsage().maxRSS * 1024
  })
  await client.close()
}

/** Says what was measured. The last line of the output. */
export const report = (report: Task.Report): void => {
  process.stdout.write(`\n${JSON.stringify(report)}\n`)
}

/** Counts answers, and notes when the last quick one came. */
class Tally {
  answers = 0
  read = 0
  lastQuick = 0
  private quickLeft: number

  constructor(private readonly count: number) {
    this.quickLeft = count
    for (let n = 0; n < count; n++) if (Task.isSlow(n)) this.quickLeft--
  }

  get part(): Omit<Part, "url"> {
    return {
      count: this.count,
      answer: (n, json) => {
        this.answers++
        this.read += (json as { readonly message: string }).message.length
        if (!Task.isSlow(n) && --this.quickLeft === 0) this.lastQuick = performance.now()
      }
    }
  }
}

/** Runs `worker` so many times at once, each until the entries are used up. */
export const loops = async (
  atOnce: number,
  count: number,
  worker: (n: number) => Promise<void>
): Promise<void> => {
  let next = 0
  const loop = async () => {
    // Each loop asks for one URL after the other: that is the point.
    // oxlint-disable-next-line no-await-in-loop
    while (next < count) await worker(next++)
  }
  await Promise.all(Array.from({ length: atOnce }, loop))
}

/** The numbers of the entries, for clients that take an iterable. */
export function* numbers(count: number): Generator<number> {
  for (let n = 0; n < count; n++) yield n
}

/** Says how long the first result took; the times are those of `performance.now()`, which begins with the process. */
export const reportFirst = (start: number, end: number, cpu: NodeJS.CpuUsage, json: unknown): void => {
  const seconds = (end - start) / 1000
  report({
    answers: 1,
    read: (json as { readonly message: string }).message.length,
    seconds,
    quickSeconds: seconds,
    cpuMicros: cpu.system + cpu.user,
    rssBytes: process.resourceUsage().maxRSS * 1024,
    warmup: 0,
    coldSeconds: end / 1000
  })
}
