/** What the tests of this package have in common: a cluster in this process, and entries of a server. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { FastGet } from "fastget"
import { ClusterFastGet, SqliteCluster } from "fastget-cluster"
import type { Answer } from "fastget/Outcome"
import * as RemoteChunk from "fastget/platform/RemoteChunk"
import { LoopbackServer } from "loopback"
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Answers } from "../src/internal/protocol/OriginEntity.js"

/** A client and a runner, in one process. */
export const embedded = (client: ClusterFastGet.Options = {}, runner: ClusterFastGet.RunnerOptions = {}) =>
  Layer.merge(
    ClusterFastGet.layer({ logLevel: "None", ...client }),
    ClusterFastGet.runner({ numWorkers: 1, ...runner })
  ).pipe(Layer.provide(SqliteCluster.layer()))

export const entriesOf = (urls: ReadonlyArray<string>, count: number) =>
  Array.from({ length: count }, (_, n) => [n, `${urls[n % urls.length]!}/${n}`] as const)

/** How many entries have one right answer, and what else there was. */
export const tally = <E, R>(
  results: Stream.Stream<readonly [number, { readonly _tag: string; readonly right?: unknown }], E, R>
) =>
  Effect.gen(function*() {
    const seen = new Set<number>()
    const wrong: Array<unknown> = []
    yield* Stream.runForEach(results, ([id, result]) =>
      Effect.sync(() => {
        const path = (result.right as { readonly path?: string } | undefined)?.path
        if (seen.has(id) || path !== `/${id}`) wrong.push([id, result])
        seen.add(id)
      }))
    return { answered: seen.size, wrong }
  })

/** The same for all entries over the FastGet in context. */
export const fetchAll = (entries: ReadonlyArray<readonly [number, string]>) => tally(FastGet.streamEither(entries))

/** The answer 200 with a body, a text or so many zeros. */
export const answer = (body: string | number): Answer => {
  const bytes = typeof body === "number" ? new Uint8Array(body) : new TextEncoder().encode(body)
  return {
    result: { _tag: "Body", body: bytes },
    status: 200,
    headers: undefined,
    bytes: bytes.length,
    attempts: 1,
    elapsed: 1,
    held: 1
  }
}

/** What an owner replies: the answers of these entries, each with its index as the body. */
export const reply = (number: number, isLast: boolean, indices: ReadonlyArray<number>): Answers => {
  const { buffer, count, extras, large } = RemoteChunk.pack(indices.map((index) => [index, answer(`${index}`)]), 0)
  const bytes = (one: ArrayBuffer) => new Uint8Array(one)
  return { _tag: "Answers", number, isLast, batch: { count, extras, buffer: bytes(buffer), large: large.map(bytes) } }
}

const programOf = (name: string) => fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url))

/** A program of `programs/`. The scope kills it. */
export const program = (name: string, ...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [programOf(name), ...args], { stdio: ["ignore", "pipe", "inherit"] })),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** A runner that has joined the cluster of a database. */
export const runner = (url: string, options: object = {}) =>
  Effect.tap(program("runner", url, JSON.stringify(options)), (child) =>
    Effect.async<ChildProcess>((resume) => {
      child.stdout.once("data", () => resume(Effect.succeed(child)))
      child.once("exit", (code) => resume(Effect.dieMessage(`The runner ended with ${code}`)))
    }))

/** Answers after a while, so that there is a middle. */
export const slowly: LoopbackServer.Handler = (request, response) =>
  void setTimeout(() => LoopbackServer.echoPath(request, response), 20)
