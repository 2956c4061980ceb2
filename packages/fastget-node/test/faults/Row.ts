/**
 * A row of docs/faults.md that is a way to answer: it is met on the quick path,
 * on the general path, and on the general path without threads over a wrapped
 * client, which have to agree to the last field; among entries that are answered; by the stream
 * that gives every outcome and by the one that stops at the first failure;
 * again and again. The law holds around all of it.
 */
import { expect } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { FastGetConfig, Outcome } from "fastget"
import { FastGet, FetchError } from "fastget"
import type { NodeFastGet, NodeGetClient } from "fastget-node"
import { FaultServer, Ticks } from "loopback"
import * as TestWorkers from "../TestWorkers.js"
import * as Law from "./Law.js"
import * as Measure from "./Measure.js"
import * as Program from "./Program.js"

/** What has to come out. */
export type Expected = { readonly json: unknown } | { readonly reason: { readonly _tag: string } }

export const json = (json: unknown): Expected => ({ json })

export const reason = (tag: string, fields: Readonly<Record<string, unknown>> = {}): Expected => ({
  reason: { _tag: tag, ...fields }
})

/** What is injected, and where. `url` gives another URL of the same kind for each number. */
export interface Case {
  readonly what: string
  readonly url: (n: number) => string
  readonly expected: Expected | ((n: number) => Expected)
}

export type Expectation = Case["expected"]

/** The cases of a row, and a server that answers as it should. */
export interface Injected {
  readonly cases: ReadonlyArray<Case>
  readonly ok: (n: number) => string
}

export interface Options extends FastGetConfig.StreamOptions {
  /** For an attempt, in milliseconds. */
  readonly timeout?: number
  readonly retry?: { readonly times: number; readonly base: number; readonly cap: number }
  /** How long beside its attempts an entry may take, in milliseconds. */
  readonly waits?: number
  /** Whether it is a matter of time how many bytes of the body have come. */
  readonly anyBytes?: boolean
  readonly pool?: NodeFastGet.Options
  /** For the client without threads; a worker has its own. */
  readonly tls?: NodeGetClient.Options["tls"]
  /** Whether the repeats are among entries that are answered, too. */
  readonly neighbours?: boolean
  /** The fewest repeats, and the most where each takes its time. */
  readonly fewest?: number
  readonly most?: number
}

/** Enough for every good answer on a machine that does something else, too. */
const defaults = { timeout: 10_000, maxBodyBytes: 1024 * 1024, retry: { times: 1, base: 1, cap: 1 } }

/** The ways to answer that rows of this file meet, and what comes out. */
const met = new Map<FaultServer.Fault, Expectation>()

/** A row whose cases are ways to answer of the `FaultServer`. */
export const row = (
  name: string,
  faults: Partial<Readonly<Record<FaultServer.Fault, Expectation>>>,
  options?: Options
): void => {
  const all = Object.entries(faults) as ReadonlyArray<readonly [FaultServer.Fault, Expectation]>
  for (const [fault, expected] of all) if (!met.has(fault)) met.set(fault, expected)
  rowOf(name, (law) =>
    Effect.map(law.serve(FaultServer.make), ({ url }) => ({
      cases: all.map(([fault, expected]) => ({ what: fault, url: (n) => `${url}/${fault}/${n}`, expected })),
      ok: (n) => `${url}/ok/${n}`
    })), options)
}

/**
 * The last test of a file: a process meets every way to answer of its rows, with
 * the wrapped client in a worker of its own, and ends by itself.
 */
export const ends = (): void =>
  Law.test("a process that meets all of this on every path ends by itself", (law) =>
    Effect.gen(function*() {
      const server = yield* law.serve(FaultServer.make)
      const { code, stderr, stdout } = yield* Ticks.ends(
        20_000,
        "the end of the process",
        Program.run("faults", server.url, JSON.stringify([...met.keys()]), TestWorkers.bundled("wrapped"))
      )
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
      const paths: Readonly<Record<string, ReadonlyArray<readonly [FaultServer.Fault, string]>>> = JSON.parse(stdout)
      expect(Object.keys(paths)).toEqual(["quick", "general", "wrapped"])
      for (const [path, outcomes] of Object.entries(paths)) {
        Law.once([...met.keys()], outcomes.map(([fault]) => fault))
        for (const [fault, outcome] of outcomes) {
          const expected = met.get(fault)!
          expect.soft(outcome, `${fault}, ${path}`).toBe(tagOf(typeof expected === "function" ? expected(1) : expected))
        }
      }
    }))

/** A row that makes its cases itself. */
export const rowOf = (
  name: string,
  inject: (law: Law.Law) => Effect.Effect<Injected>,
  options: Options = {}
): void =>
  Law.test(name, (law) =>
    Effect.gen(function*() {
      const startedAt = performance.now()
      const paths = yield* openPaths(law, inject(law), options)
      const eachPath = <A>(f: (path: Path) => Effect.Effect<A, unknown>) =>
        Effect.forEach(paths, f, { concurrency: "unbounded" })
      const [[quick, ...others]] = yield* Effect.all([
        eachPath(outcomesOf),
        eachPath(failFast)
      ], { concurrency: "unbounded" })
      for (const other of others) expect(other).toEqual(quick)
      // What is made once (buffers, room for young objects) is made before it is measured what stays.
      const warmUp = Measure.repeats === undefined ? options.fewest ?? 0 : Measure.repeats / 5
      // 10,000 times are one path after another: servers and consumers of all of them share this thread.
      const concurrency = Measure.repeats === undefined ? "unbounded" : 1
      if (warmUp > 0) yield* Effect.forEach(paths, (path) => repeat(path, warmUp), { concurrency })
      const before = yield* Measure.memory
      const repeats = yield* Effect.forEach(paths, (path) => repeat(path), { concurrency })
      const growth = yield* Measure.flat(before)
      yield* eachPath(next)
      law.report({
        ...growth,
        outcomes: [...new Set(Object.values(quick ?? {}).map(({ result }) => tagOf(result)))].join(", "),
        repeats: repeats.reduce((sum, count) => sum + count, 0),
        seconds: (performance.now() - startedAt) / 1000
      })
    }), Measure.repeats === undefined ? undefined : 1_800_000)

/** One way through the library, and servers of its own. */
interface Path {
  readonly injected: Injected
  readonly service: Context.Context<FastGet.FastGet>
  readonly options: FastGetConfig.StreamOptions
  readonly row: Options
  /** By when an entry has to be answered, in milliseconds after its first request. */
  readonly deadline: number
}

const openPaths = (law: Law.Law, inject: Effect.Effect<Injected>, row: Options) =>
  Effect.gen(function*() {
    const { anyBytes: _, fewest: __, most: ___, neighbours: ____, pool: given, tls, waits = 0, ...stream } = row
    const options = {
      ...defaults,
      ...stream,
      retry: { budget: "unbounded", ...(stream.retry ?? defaults.retry) } as const
    }
    const deadline = (1 + options.retry.times) * options.timeout + waits
    // A row is about one entry. What a refusal means to the others of its origin have rows of their own (61 and on).
    const pool = { connectionsPerOrigin: 128, throttle: false, ...given } as const
    const own = yield* law.pool(pool)
    const wrapped = yield* law.inProcess(pool, tls)
    const paths = [
      { service: own, options },
      { service: own, options: { ...options, fastPath: false } },
      { service: wrapped, options }
    ]
    return yield* Effect.forEach(
      paths,
      (path) => Effect.map(inject, (injected): Path => ({ ...path, injected, row, deadline }))
    )
  })

/** An id is an object, so that only the very same one will do. */
interface Id {
  readonly case: Case | undefined
  readonly n: number
}

type Entry = readonly [id: Id, url: string]

/** Each case among entries that are answered. */
const amongOthers = ({ cases, ok }: Injected, number: number): ReadonlyArray<Entry> =>
  cases.flatMap((injected, n): ReadonlyArray<Entry> => [
    [{ case: undefined, n }, ok(n)],
    [{ case: injected, n: number }, injected.url(number)],
    [{ case: undefined, n: n + 1000 }, ok(n + 1000)]
  ])

const expectedOf = (id: Id, url: string): Expected => {
  if (id.case === undefined) return json({ path: new URL(url).pathname })
  return typeof id.case.expected === "function" ? id.case.expected(id.n) : id.case.expected
}

type Result = Expected & { readonly retryable?: boolean }

const resultOf = (
  result: Either.Either<unknown, { readonly reason: { readonly _tag: string }; readonly retryable: boolean }>
): Result =>
  Either.match(result, {
    onLeft: ({ reason, retryable }) => ({ reason, retryable }),
    onRight: (json) => ({ json })
  })

/** Of an entry that ended unasked, because nothing answers there, it is what the others met. */
const tagOf = (result: Expected): string => {
  if ("json" in result) return "success"
  const { reason } = result
  return Schema.is(FetchError.OriginDown)(reason) ? reason.last._tag : reason._tag
}

const within = (path: Path) => <A, E>(effect: Effect.Effect<A, E, FastGet.FastGet>) =>
  Law.inTime(path.deadline, Effect.provide(effect, path.service))

/** Every outcome of the cases and their neighbours; what does not depend on time and place is returned by case. */
const outcomesOf = (path: Path) =>
  Effect.gen(function*() {
    const entries = amongOthers(path.injected, 1)
    const urls = new Map(entries)
    const toTicks = Ticks.comparison()
    const outcomes = [...yield* within(path)(Stream.runCollect(FastGet.outcomes(entries, path.options)))]
    Law.once([...urls.keys()], outcomes.map(({ id }) => id))
    for (const { elapsed, id, result } of outcomes) {
      const name = id.case?.what ?? "a neighbour"
      expect.soft(resultOf(result), name).toMatchObject(expectedOf(id, urls.get(id)!))
      expect(toTicks(Duration.toMillis(elapsed))).toBeLessThanOrEqual(path.deadline + Law.grace)
      if (Either.isLeft(result)) expect(result.left.id).toBe(id)
    }
    return Object.fromEntries(outcomes.map((outcome) => [
      outcome.id.case?.what ?? `neighbour ${outcome.id.n}`,
      comparable(path, outcome)
    ]))
  })

const comparable = (
  { row }: Path,
  { bytes, elapsed: _, headers: { date: __, ...headers }, id: ___, result, url: ____, ...rest }: Outcome.Outcome<
    Id,
    unknown
  >
) => ({
  ...rest,
  headers,
  result: Either.match(result, {
    onLeft: ({ reason, retryable }) => ({ reason: { ...reason, port: undefined, host: undefined }, retryable }),
    onRight: (json) => ({ json })
  }),
  bytes: row.anyBytes === true ? bytes > 0 : bytes
})

/** The stream that stops at the first failure: what had arrived before, each once, then one typed error. */
const failFast = (path: Path) =>
  Effect.gen(function*() {
    const entries = amongOthers(path.injected, 0)
    const failing = entries.flatMap(([id, url]) => "json" in expectedOf(id, url) ? [] : [id])
    const idsOut: Array<Id> = []
    const ended = yield* within(path)(Effect.either(
      Stream.runForEach(FastGet.stream(entries, path.options), ([id]) => Effect.sync(() => void idsOut.push(id)))
    ))
    Law.atMostOnce(entries.map(([id]) => id), idsOut)
    if (failing.length === 0) return expect(idsOut.length).toBe(entries.length)
    expect(idsOut.some((id) => failing.includes(id))).toBe(false)
    const error = Either.isLeft(ended) ? ended.left : undefined
    if (error?._tag !== "FetchError") throw new Error(`no FetchError, but ${String(error)}`)
    const url = entries.find(([id]) => id === error.id)?.[1] ?? ""
    expect(failing).toContain(error.id)
    expect({ reason: error.reason }).toMatchObject(expectedOf(error.id, url))
  })

/** Again and again, with every tenth a neighbour; how often is returned. */
const repeat = (path: Path, count = Measure.repeats ?? Infinity) =>
  Effect.gen(function*() {
    const most = Math.min(count, path.row.most ?? Infinity)
    const fewest = path.row.fewest ?? Measure.fewest
    const until = performance.now() + Measure.box
    const isEnough = (n: number) =>
      n >= most || (Measure.repeats === undefined && n >= fewest && performance.now() > until)
    const { cases, ok } = path.injected
    let idsIn = 0
    function* entries(): Generator<Entry> {
      for (let n = 0; !isEnough(n); n++) {
        idsIn++
        const injectedCase = cases[n % cases.length]!
        yield n % 10 === 9 && path.row.neighbours !== false
          ? [{ case: undefined, n }, ok(n)]
          : [{ case: injectedCase, n: n + 2 }, injectedCase.url(n + 2)]
      }
    }
    const idsOut = new Set<Id>()
    const wrong: Array<unknown> = []
    const toTicks = Ticks.comparison()
    yield* Stream.runForEach(
      FastGet.outcomes(entries(), {
        ...path.options,
        queueMaxSize: 2 * Measure.fewest,
        inputChunkSize: Measure.fewest
      }),
      ({ elapsed, id, result, url }) =>
        Effect.sync(() => {
          idsOut.add(id)
          const expected = expectedOf(id, url)
          const actual = resultOf(result)
          if (tagOf(actual) !== tagOf(expected)) wrong.push({ what: id.case?.what, expected, actual })
          if (toTicks(Duration.toMillis(elapsed)) > path.deadline + Law.grace) {
            wrong.push({ what: id.case?.what, elapsed })
          }
        })
    ).pipe(Effect.provide(path.service))
    expect(wrong.slice(0, 5), `${wrong.length} of ${idsIn} are wrong`).toEqual([])
    expect(idsOut.size).toBe(idsIn)
    return idsIn
  })

/** The next request on the same pool works. */
const next = (path: Path) =>
  Effect.gen(function*() {
    const url = path.injected.ok(77)
    const json = yield* within(path)(FastGet.get(url, path.options))
    expect(json).toEqual({ path: new URL(url).pathname })
  })
