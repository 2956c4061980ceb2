/** The clients that are compared: how each is named, and how its process is started. */
import * as Effect from "effect/Effect"
import * as Path from "node:path"
import * as Child from "./Child.js"

export interface Client {
  readonly name: string
  readonly label: string
  /** The command and its first arguments; undefined where the machine does not have it. */
  readonly command: Effect.Effect<ReadonlyArray<string> | undefined>
  /** Whether it reads each JSON; default true. */
  readonly reads?: boolean
}

const file = (name: string): string => new URL(name, import.meta.url).pathname

/** A program of this package, as it is built. */
const node = (name: string, label: string): Client => ({
  name,
  label,
  command: Effect.succeed([process.execPath, file(`../dist/clients/${name}.js`)])
})

export const fastget = node("fastget", "FastGet")
/** FastGet as another checkout has it. */
export const fastgetOf = (folder: string): Client => ({
  name: "fastget-against",
  label: `FastGet of ${Path.basename(folder)}`,
  command: Effect.succeed([process.execPath, Path.resolve(folder, "packages/bench/dist/clients/fastget.js")])
})

export const fastgetForEach = node("fastget-foreach", "FastGet, `Stream.runForEach`")
export const fastgetGeneral = node("fastget-general", "FastGet, `fastPath: false`")
export const fastgetWrapped = node("fastget-wrapped", "FastGet, wrapped client")
export const fastgetStart = node("fastget-start", "FastGet")
export const undiciRequest = node("undici-request", "raw undici")
export const undiciRequestGzip = node("undici-request-gzip", "raw undici, `gunzipSync`")
export const undiciDispatch = node("undici-dispatch", "undici `dispatch`")
export const undiciStart = node("undici-start", "raw undici")
export const fetch = node("fetch", "`fetch` + p-map")
export const got = node("got", "got + p-map")
export const autocannon = node("autocannon", "autocannon")
export const autocannon2 = node("autocannon-2", "autocannon, 2 workers")
export const piscina = node("piscina", "piscina + undici, 2 threads")
export const effectStock = node("effect-stock", "`Stream.mapEffect`, stock undici layer")

/** The first of these that has aiohttp: a newer Python in the path may be without. */
const pythons = ["python3", "/usr/bin/python3"]

const python = (name: string, label: string, args: ReadonlyArray<string>): Client => ({
  name,
  label,
  command: Effect.firstSuccessOf(
    pythons.map((python) => Effect.as(Child.run(python, ["-c", "import aiohttp"], 10_000), python))
  ).pipe(
    Effect.map((python) => [python, file("../src/clients/original.py"), ...args]),
    Effect.orElseSucceed(() => undefined)
  )
})

/** The original's main process takes a core while it waits. */
export const original = python("original", "the original's method (Python)", [])
export const originalWaiting = python("original-waiting", "the same, its main process sleeping", ["waiting"])

export const wrk: Client = {
  name: "wrk",
  label: "wrk (the limit)",
  reads: false,
  command: Child.run("sh", ["-c", "command -v wrk awk"], 10_000).pipe(
    Effect.as(["sh", file("../src/clients/wrk.sh")]),
    Effect.orElseSucceed(() => undefined)
  )
}
