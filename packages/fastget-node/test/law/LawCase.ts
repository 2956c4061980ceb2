/** One case of the property: what the entries ask for, and everything that happens meanwhile. */
import * as FastCheck from "effect/FastCheck"
import type { FetchError } from "fastget"

/** What each kind of URL must come to; undefined is a success. `first` is how its first attempt fails. */
export const kinds = {
  "ok": {},
  "slow": {},
  "large": {},
  "gzip": {},
  "redirect": {},
  "busy-once": { first: "Status" },
  "reset-once": { first: "Reset" },
  "busy": { reason: "Status" },
  "not-found": { reason: "Status" },
  "reset": { reason: "Reset" },
  "cut": { reason: "Truncated" },
  "bad-json": { reason: "Decode" },
  "empty": { reason: "EmptyBody" },
  "silent": { reason: "Timeout" },
  "refused": { reason: "Connect" },
  "invalid": { reason: "InvalidUrl" },
  "exit": { reason: "WorkerLost" },
  "throw": { reason: "WorkerLost" },
  "spin": { reason: "WorkerLost" }
} as const satisfies Readonly<
  Record<string, { readonly reason?: FetchError.ReasonTag; readonly first?: FetchError.ReasonTag }>
>

export type Kind = keyof typeof kinds

export interface Case {
  /** One for each entry, in order. */
  readonly entries: ReadonlyArray<Kind>
  /** How many different ids there are: fewer than entries make duplicates. */
  readonly ids: number
  readonly input: {
    readonly form: "iterable" | "stream"
    /** How many entries the stream gives at once. */
    readonly chunk: number
    /** After how many entries the input fails. */
    readonly failsAfter: number | undefined
  }
  readonly output: "stream" | "streamEither" | "outcomes"
  readonly pool: Pool
  readonly settings: {
    readonly poolSubmitSize: number
    readonly inputChunkSize: number
    readonly queueMaxSize: number
    readonly concurrency: number | "unbounded"
    readonly maxBufferedBytes: number
    readonly fastPath: boolean
  }
  /** Ample limits are never reached. */
  readonly limit: "ample" | "tiny timeout" | "tiny deadline"
  /** A worker is terminated when the server has got so many requests. */
  readonly deaths: ReadonlyArray<number>
  readonly end:
    | { readonly _tag: "all" }
    /** The consumer takes so many outcomes. */
    | { readonly _tag: "take"; readonly outcomes: number }
    /** The stream is interrupted when the server has got so many requests, or after a while. */
    | { readonly _tag: "interrupt"; readonly requests: number }
  /** For how long, in milliseconds, the consumer keeps each batch. */
  readonly pause: number
}

export interface Pool {
  readonly workers: number
  readonly connections: number
}

/** The pools of all cases. A few, because each is started once and used again. */
const pools: ReadonlyArray<Pool> = [
  { workers: 1, connections: 1 },
  { workers: 1, connections: 16 },
  { workers: 2, connections: 16 },
  { workers: 3, connections: 4 }
]

const rare = (...kinds: ReadonlyArray<Kind>) =>
  kinds.map((kind) => ({ weight: 1, arbitrary: FastCheck.constant(kind) }))

const kind: FastCheck.Arbitrary<Kind> = FastCheck.oneof(
  { weight: 12, arbitrary: FastCheck.constant<Kind>("ok") },
  ...rare("slow", "large", "gzip", "redirect", "busy-once", "reset-once", "busy", "not-found", "reset", "cut"),
  ...rare("bad-json", "empty", "silent", "refused", "invalid")
)

const lucky: FastCheck.Arbitrary<Kind> = FastCheck.oneof(
  { weight: 4, arbitrary: FastCheck.constant<Kind>("ok") },
  ...rare("slow", "large", "gzip", "redirect", "busy-once", "reset-once")
)

/** Each thread that spins costs a `stuckTimeout`, so that is not often done. */
const killer: FastCheck.Arbitrary<Kind> = FastCheck.oneof(
  { weight: 10, arbitrary: FastCheck.constant<Kind>("exit") },
  { weight: 9, arbitrary: FastCheck.constant<Kind>("throw") },
  { weight: 1, arbitrary: FastCheck.constant<Kind>("spin") }
)

const size = (max: number) => FastCheck.integer({ min: 1, max })

/** Nothing, to which it also shrinks, or one in so many times a value. */
const seldom = <A>(arbitrary: FastCheck.Arbitrary<A>, oneIn: number): FastCheck.Arbitrary<A | undefined> =>
  FastCheck.oneof(
    { weight: oneIn - 1, arbitrary: FastCheck.constant(undefined) },
    { weight: 1, arbitrary }
  )

const drawn = FastCheck.record({
  entries: FastCheck.oneof(
    FastCheck.array(kind, { maxLength: 60, size: "max" }),
    FastCheck.array(lucky, { maxLength: 60, size: "max" })
  ),
  killer: seldom(
    FastCheck.record({ at: FastCheck.nat(60), kind: killer }),
    12
  ),
  ids: FastCheck.constantFrom(1000, 7, 1),
  input: FastCheck.record({
    form: FastCheck.constantFrom("iterable" as const, "stream" as const),
    chunk: size(20),
    failsAfter: seldom(FastCheck.nat(60), 4)
  }),
  output: FastCheck.constantFrom("streamEither" as const, "outcomes" as const, "stream" as const),
  pool: FastCheck.constantFrom(...pools),
  settings: FastCheck.record({
    poolSubmitSize: FastCheck.oneof(FastCheck.constant(1000), size(20)),
    inputChunkSize: FastCheck.oneof(FastCheck.constant(10_000), size(20)),
    queueMaxSize: FastCheck.oneof(FastCheck.constant(100_000), size(40)),
    concurrency: FastCheck.oneof(FastCheck.constant("unbounded" as const), size(20)),
    maxBufferedBytes: FastCheck.oneof(FastCheck.constant(2 ** 28), FastCheck.constantFrom(1, 1000, 200_000)),
    fastPath: FastCheck.boolean()
  }),
  limit: FastCheck.oneof(
    { weight: 6, arbitrary: FastCheck.constant("ample" as const) },
    { weight: 1, arbitrary: FastCheck.constantFrom("tiny timeout" as const, "tiny deadline" as const) }
  ),
  deaths: FastCheck.array(size(60), { maxLength: 4 }),
  end: FastCheck.oneof(
    { weight: 5, arbitrary: FastCheck.constant({ _tag: "all" as const }) },
    { weight: 1, arbitrary: FastCheck.record({ _tag: FastCheck.constant("take" as const), outcomes: size(60) }) },
    { weight: 2, arbitrary: FastCheck.record({ _tag: FastCheck.constant("interrupt" as const), requests: size(60) }) }
  ),
  pause: FastCheck.constantFrom(0, 0, 3)
})

/** Any case. Silent servers are only where a time-out or the interruption ends the wait. */
export const arbitrary: FastCheck.Arbitrary<Case> = drawn.map(({ entries, killer, ...rest }) => {
  const waits = rest.limit === "ample" && rest.end._tag !== "interrupt"
  return {
    ...rest,
    entries: entries.map((kind, index) =>
      index === killer?.at ? killer.kind : kind === "silent" && waits ? "slow" : kind
    )
  }
})

/** A case as one reads it, a line for each of its parts. */
export const show = ({ entries, ...rest }: Case): string =>
  [
    ["entries", entries.length === 0 ? "none" : entries.join(" ")],
    ...Object.entries(rest).map(([name, value]) => [name, JSON.stringify(value)])
  ].map(([name, value]) => `  ${name}: ${value}`).join("\n")
