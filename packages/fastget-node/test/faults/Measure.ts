/**
 * How often a row is repeated, and what that does to the memory. Few times in
 * `npm test`, 10,000 times by `npm run faults`, which sets FAULT_REPEATS and
 * prints what is measured here as a table.
 */
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as V8 from "node:v8"
import { runInNewContext } from "node:vm"

/** What `npm run faults` prints of a row. */
export interface Measured {
  readonly outcomes?: string
  readonly repeats?: number
  readonly seconds?: number
  /** In bytes. */
  readonly heapGrowth?: number
  readonly rssGrowth?: number
  readonly sockets?: number
  readonly threads?: number
  /** From the wish to close to nothing left, in milliseconds. */
  readonly closing?: number
}

declare module "vitest" {
  interface TaskMeta {
    measured?: Measured
  }
}

/** How often each path meets a row; undefined for as often as fits into `box`. */
export const repeats: number | undefined = process.env.FAULT_REPEATS === undefined
  ? undefined
  : Number(process.env.FAULT_REPEATS)

/** For how long a row is repeated in `npm test`, in milliseconds. */
export const box = 50

/** The fewest repeats. */
export const fewest = 64

export interface Memory {
  readonly heap: number
  readonly rss: number
}

V8.setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

/** The memory in use here, and that of the whole process. */
export const memory: Effect.Effect<Memory> = Effect.gen(function*() {
  collectGarbage()
  // What finalizers hold goes with the second.
  yield* Effect.sleep(1)
  collectGarbage()
  const { external, heapUsed, rss } = process.memoryUsage()
  return { heap: heapUsed + external, rss }
})

const MiB = 1024 * 1024

/**
 * What may stay of the repeats. Of the heap here less than 1 KB of each of 10,000 and three paths. Of the process what
 * allocators keep, too, and after 10,000 times the garbage of the two threads, whose heaps nobody collects here: they
 * end when they hold 64 MiB (`Law.smallWorker`).
 */
const most: Memory = { heap: 16 * MiB, rss: (repeats === undefined ? 96 : 96 + 2 * 64) * MiB }

/** Asserts that the memory is as it was. */
export const flat = (before: Memory): Effect.Effect<Pick<Measured, "heapGrowth" | "rssGrowth">> =>
  Effect.map(memory, (after) => {
    const heapGrowth = after.heap - before.heap
    const rssGrowth = after.rss - before.rss
    expect(heapGrowth).toBeLessThan(most.heap)
    expect(rssGrowth).toBeLessThan(most.rss)
    return { heapGrowth, rssGrowth }
  })
