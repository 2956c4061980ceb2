import * as OriginTable from "#internal/traffic/OriginTable"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Worker } from "node:worker_threads"

interface Case {
  readonly threads: number
  readonly origins: number
  readonly connections: number
  readonly inAll: number
  /** By thread; the last number is that of all others. */
  readonly requests: ReadonlyArray<number>
  /** Whether connections stay open when a request has ended. */
  readonly closes: boolean
  readonly rest?: number
  readonly slots?: number
}

const start = (file: string, data: object) =>
  Effect.acquireRelease(
    Effect.sync(() => new Worker(new URL(file, import.meta.url), { workerData: data })),
    (worker) => Effect.promise(() => worker.terminate())
  )

const done = (worker: Worker) =>
  Effect.async<void>((resume) => {
    worker.once("message", () => resume(Effect.void))
    worker.once("error", (error) => resume(Effect.die(error)))
  })

/** Runs the requests in threads; what they counted, by origin and in all. */
const runAll = ({ closes, connections, inAll, origins, requests, rest = 0, slots, threads }: Case) =>
  Effect.gen(function*() {
    const table = OriginTable.make({
      threads,
      inAll,
      isShared: true,
      ...(slots === undefined ? undefined : { slots })
    })
    const words = new SharedArrayBuffer(4 * (4 * origins + 4 + threads + 1))
    const { wire } = table
    const workers = yield* Effect.forEach(
      Array.from({ length: threads }, (_, n) => n + 1),
      (thread) =>
        start("../programs/leasing.mjs", {
          table: wire,
          thread,
          words,
          origins,
          connections,
          closes,
          rest,
          waits: 4,
          requests: requests[thread - 1] ?? requests.at(-1)
        })
    )
    yield* Effect.forEach(workers, done, { concurrency: "unbounded" })
    const counts = new Int32Array(words)
    const of = (at: number) => ({
      now: counts[at],
      most: counts[at + 1]!,
      open: counts[at + 2]!,
      mostOpen: counts[at + 3]!
    })
    return {
      origins: Array.from({ length: origins }, (_, n) => of(4 * n)),
      inAll: of(4 * origins),
      byThread: [...counts.subarray(4 * origins + 5)]
    }
  })

const cases: Readonly<Record<string, Case>> = {
  "fewer connections than threads": {
    threads: 4,
    origins: 3,
    connections: 1,
    inAll: 100,
    requests: [60],
    closes: false
  },
  "fewer connections than threads, kept open": {
    threads: 4,
    origins: 3,
    connections: 1,
    inAll: 100,
    requests: [60],
    closes: true
  },
  "more connections than threads": {
    threads: 3,
    origins: 2,
    connections: 7,
    inAll: 100,
    requests: [600],
    closes: true
  },
  "a thread that has much to do beside one that has little": {
    threads: 2,
    origins: 1,
    connections: 4,
    inAll: 100,
    requests: [800, 20],
    closes: true,
    rest: 10
  },
  "a bound on all of them that is lower": {
    threads: 3,
    origins: 6,
    connections: 4,
    inAll: 5,
    requests: [300],
    closes: true
  },
  "one connection in all": { threads: 3, origins: 2, connections: 4, inAll: 1, requests: [30], closes: true },
  "more origins than the table has slots": {
    threads: 2,
    origins: 40,
    connections: 4,
    inAll: 100,
    requests: [400],
    closes: false,
    slots: 8
  }
}

describe("connections counted in a table that threads share", () => {
  it.scopedLive.each(Object.keys(cases))(
    "are never more than there may be, all requests get one, and threads as many as they wait for: %s",
    (name) =>
      Effect.gen(function*() {
        const each = cases[name]!
        const { byThread, inAll, origins } = yield* runAll(each)
        const wanted = Array.from({ length: each.threads }, (_, n) => each.requests[n] ?? each.requests.at(-1))
        expect(byThread).toEqual(wanted)
        for (const { most, mostOpen, now } of origins) {
          expect(now).toBe(0)
          expect(most).toBeLessThanOrEqual(each.connections)
          expect(mostOpen).toBeLessThanOrEqual(each.connections)
        }
        expect(inAll.most).toBeLessThanOrEqual(each.inAll)
        expect(inAll.mostOpen).toBeLessThanOrEqual(each.inAll)
      })
  )
})
