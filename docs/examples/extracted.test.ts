/**
 * Runs every ts block of the documents and of the docstrings, against servers of
 * this machine: in place of example.com there is a server here, in place of
 * db.example.com a Postgres, and a million is a hundred. What a block exports is
 * run by what it is: effects and streams to their end, layers until they are built.
 */
import { SqliteClient } from "@effect/sql-sqlite-node"
import { SqlClient } from "@effect/sql/SqlClient"
import { expect, it, layer } from "@effect/vitest"
import { Cause, ConfigProvider, Effect, Layer, Logger, ManagedRuntime, Schema, type Scope, Stream } from "effect"
import { transform } from "esbuild"
import { FastGet, FetchError } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer, Postgres, Sqlite } from "loopback"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { Worker } from "node:worker_threads"

interface Example {
  /** The document or module, and the line. */
  readonly name: string
  readonly code: string
}

const here = fileURLToPath(new URL(".", import.meta.url))
const folder = Path.join(here, "dist/extracted")
execFileSync(process.execPath, [Path.join(here, "../extract-examples.mjs"), folder])

const examples: ReadonlyArray<Example> = Fs.readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .sort()
  .map((file) => ({
    name: file.slice(0, -".ts".length).replaceAll("\\", "/"),
    code: Fs.readFileSync(Path.join(folder, file), "utf8").trimStart()
  }))

/** A program with a server of its own: documents.test.ts runs it as it stands. */
const isWhole = ({ code }: Example) => code.includes("createServer(")
/** Run by workers.test.ts, which also builds them in each way the page tells of. */
const isRecipe = ({ name }: Example) => name.startsWith("docs/workers.md.")
const isWorker = ({ code }: Example) => code.includes("NodeFetchWorker.runMain(")
const isOfCluster = ({ code }: Example) => code.includes("fastget-cluster\"")
/** Joins the cluster, and answers until it is stopped. */
const isRunner = ({ code }: Example) => code.includes("PostgresCluster.layerRunner(")
const asks = ({ code }: Example) =>
  code.includes("export const handler") ||
  /"https:\/\/|`https:\/\//.test(code) && !code.includes("FastGetTest.layer(") && /FastGet\.\w+\(|HttpClient\.get\(/
      .test(code.replace(/NodeFastGet\.layer\w*\(|FastGet\.layer\(/g, ""))

const ours = examples.filter((example) => !isWhole(example) && !isRecipe(example))
const plain = ours.filter((example) => !isWorker(example) && !isOfCluster(example))

const User = Schema.Struct({ id: Schema.Number, name: Schema.String, born: Schema.String })

interface Servers {
  readonly url: string
  readonly postgres?: string
}

/** The block as it is run here. */
const adapted = ({ code, name }: Example, { postgres = "", url }: Servers): string =>
  code
    .replaceAll(/https:\/\/(?:\w+\.)?example\.com(?=[/"])/g, url)
    .replaceAll(/postgres:\/\/\w+@db\.example\.com\/\w+/g, postgres)
    .replaceAll(/1_000_000|10_000/g, "100")
    // What was recorded by one block is not played by the next.
    .replace(
      "{ file: \"test/users.ndjson\" }",
      `{ file: ${JSON.stringify(Path.join(folder, "a.ndjson"))}, mode: "record" }`
    )
    // A job that was started before is done.
    .replaceAll("users-2026-11", name)
    .replace(/NodeRuntime\.runMain\(Layer\.launch\((\w+)\)\)/, "export const launched = $1")
    .replace(/NodeRuntime\.runMain\((\w+)\)/, "export const ran = $1")

/** What a block exports. */
const load = (example: Example, servers: Servers) =>
  Effect.promise(async (): Promise<ReadonlyArray<unknown>> => {
    const { code: javascript } = await transform(adapted(example, servers), { loader: "ts" })
    const file = Path.join(folder, `${example.name.replaceAll("/", "+")}.mjs`)
    Fs.writeFileSync(file, javascript)
    const exported: Record<string, unknown> = await import(/* @vite-ignore */ pathToFileURL(file).href)
    return Object.values(exported)
  })

const isStream = (u: unknown): u is Stream.Stream<unknown, unknown, FastGet.FastGet> =>
  typeof u === "object" && u !== null && Stream.StreamTypeId in u

const isEffect = (u: unknown): u is Effect.Effect<unknown, unknown, FastGet.FastGet | SqlClient | Scope.Scope> =>
  Effect.isEffect(u)

const isLayer = (u: unknown): u is Layer.Layer<unknown, unknown> => Layer.isLayer(u)

const run = (exported: unknown, url: string) =>
  // Errors are effects, and effects are streams.
  FetchError.isFetchError(exported)
    ? Effect.succeed(exported)
    : isLayer(exported)
    ? Layer.build(exported)
    : isEffect(exported)
    ? exported
    : isStream(exported)
    ? Stream.runCollect(exported)
    : ManagedRuntime.isManagedRuntime(exported)
    ? Effect.addFinalizer(() => exported.disposeEffect)
    : typeof exported === "function"
    // A handler of a platform.
    ? Effect.promise(async () => exported({ urls: [`${url}/users/1`] }))
    : Effect.succeed(exported)

/** All that a block exports, one after the other; what fails is told as Effect tells it. */
const runAll = (exported: ReadonlyArray<unknown>, url: string) =>
  Effect.forEach(exported, (value) => run(value, url)).pipe(
    Effect.sandbox,
    Effect.mapError((cause) => new Error(Cause.pretty(cause)))
  )

class Here extends Effect.Service<Here>()("test/Here", {
  scoped: Effect.gen(function*() {
    let asked = 0
    const { url } = yield* LoopbackServer.make((request, response) => {
      asked++
      const id = Number(request.url?.split("/").at(-1))
      const user: typeof User.Type = { id: Number.isNaN(id) ? 0 : id, name: "Ada", born: "1815-12-10" }
      response.writeHead(request.url?.endsWith("/maybe") === true ? 404 : 200).end(JSON.stringify(user))
    })
    return { url, asked: () => asked }
  })
}) {}

const sql = Layer.effectDiscard(
  Effect.flatMap(SqlClient, (sql) => sql`CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)`)
).pipe(Layer.provideMerge(SqliteClient.layer({ filename: ":memory:" })))

const environment = new Map([["WORKERS", "1"], ["API_TOKEN", "secret"], ["BEHIND_PROXY", "false"]])

const TestLive = Layer.mergeAll(
  Here.Default,
  NodeFastGet.layer({ numWorkers: 1, logLevel: "None" }),
  Layer.setConfigProvider(ConfigProvider.fromMap(environment)),
  Logger.remove(Logger.defaultLogger)
)

it("every block is run: here, by workers.test.ts or by documents.test.ts", () => {
  expect(plain.length).toBeGreaterThan(30)
  const others = examples.filter((example) => !plain.includes(example))
  expect(others.filter((example) => !isWhole(example) && !isRecipe(example) && !isWorker(example)).every(isOfCluster))
    .toBe(true)
})

layer(TestLive, { excludeTestServices: true, timeout: "60 seconds" })((it) => {
  for (const example of plain) {
    const needsSql = example.code.includes("@effect/sql")
    it.scoped.skipIf(needsSql && Sqlite.isMissing)(example.name, () =>
      Effect.gen(function*() {
        const { asked, url } = yield* Here
        const before = asked()
        const exported = yield* load(example, { url })
        expect(exported.length).toBeGreaterThan(0)
        yield* needsSql
          ? Effect.provide(runAll(exported, url), sql)
          : runAll(exported, url) as Effect.Effect<unknown, Error>
        expect(asked() > before).toBe(asks(example))
      }))
  }

  for (const example of ours.filter(isWorker)) {
    it.scoped(`${example.name} is a worker file`, () =>
      Effect.gen(function*() {
        const { url } = yield* Here
        const { code } = yield* Effect.promise(() => transform(adapted(example, { url }), { loader: "ts" }))
        const file = Path.join(folder, `${example.name.replaceAll("/", "+")}.worker.mjs`)
        Fs.writeFileSync(file, code)
        const worker = NodeFastGet.layer({
          numWorkers: 1,
          logLevel: "None",
          worker: (options) => new Worker(pathToFileURL(file), options)
        })
        const answer = yield* Effect.provide(FastGet.get(`${url}/users/7`), worker)
        expect(answer).toEqual(example.code.includes("Object.keys") ? 3 : { id: 7 })
      }))
  }

  it.scoped.skipIf(Postgres.isMissing || Sqlite.isMissing)(
    "the blocks of a cluster: clients are answered by the runners, and jobs are done",
    () =>
      Effect.gen(function*() {
        const { asked, url } = yield* Here
        const postgres = (yield* Postgres.make).url
        const cluster = ours.filter(isOfCluster)
        const [runners, clients] = [cluster.filter(isRunner), cluster.filter((example) => !isRunner(example))]
        expect([runners.length, clients.length].every((count) => count > 0)).toBe(true)
        const loaded = (examples: ReadonlyArray<Example>) =>
          Effect.forEach(examples, (example) => load(example, { url, postgres }))
        yield* runAll((yield* loaded(runners)).flat(), url) as Effect.Effect<unknown, Error, Scope.Scope>
        for (const exported of yield* loaded(clients)) {
          const before = asked()
          yield* runAll(exported, url) as Effect.Effect<unknown, Error, Scope.Scope>
          expect(asked()).toBeGreaterThan(before)
        }
      })
  )
})
