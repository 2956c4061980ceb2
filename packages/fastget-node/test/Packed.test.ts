/**
 * The packages as a user gets them: packed, installed with plain npm into an
 * empty folder at the ranges of the README, type-checked and run.
 */
import { Command, FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { expect, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const program = `
import { NodeRuntime } from "@effect/platform-node"
import { Chunk, Console, Effect, Stream } from "effect"
import { FastGet, type FetchError } from "fastget"
import * as FetchWorker from "fastget/FetchWorker"
import { NodeFastGet } from "fastget-node"

const entries = [1, 2, 3].map((n) => [n, process.argv[2] + "/" + n] as const)

const stream = FastGet.stream(entries)

// Types that don't resolve are any: these two lines would not compile then.
// @ts-expect-error
export const notIds: typeof stream = FastGet.stream([["a", "http://a.example"]] as const)
// @ts-expect-error
export const notAProtocol: string = FetchWorker.protocol

const tagOf = (error: FetchError.FetchError<number>): string => error.reason._tag

stream.pipe(
  Stream.runCollect,
  Effect.map((results) => Chunk.toArray(results).sort(([a], [b]) => a - b)),
  Effect.catchTag("FetchError", (error) => Effect.succeed(tagOf(error))),
  Effect.flatMap((results) => Console.log(JSON.stringify(results))),
  Effect.provide(NodeFastGet.layer({ numWorkers: 2 })),
  NodeRuntime.runMain
)
`

const tsconfig = {
  // skipLibCheck: the types of @effect/platform-node want @types/ws.
  compilerOptions: { strict: true, skipLibCheck: true, target: "ES2022", types: ["node"] },
  files: ["main.mts"]
}

interface Manifest {
  readonly exports: unknown
  readonly packageManager: string
  readonly devDependencies: Record<string, string>
  readonly peerDependencies: Record<string, string>
}

const root = fileURLToPath(new URL("../../..", import.meta.url))
const names = ["fastget", "fastget-node"]

const manifest = (folder: string): Manifest => JSON.parse(Fs.readFileSync(Path.join(folder, "package.json"), "utf8"))
const workspace = manifest(root)
const sources = names.map((name) => manifest(Path.join(root, "packages", name)))
const peers = Object.entries({ ...sources[0]!.peerDependencies, ...sources[1]!.peerDependencies })
  .flatMap(([name, range]) => name === "fastget" ? [] : [`${name}@${range}`])

/** Runs a command line to its end and gives what it printed. By a shell: npm and npx are scripts on Windows. */
const run = (folder: string, line: string) =>
  Effect.gen(function*() {
    const child = yield* Command.start(
      Command.make(line).pipe(Command.workingDirectory(folder), Command.runInShell(true))
    )
    const text = (bytes: typeof child.stdout) => Stream.mkString(Stream.decodeText(bytes))
    const [stdout, stderr, code] = yield* Effect.all([text(child.stdout), text(child.stderr), child.exitCode], {
      concurrency: 3
    })
    expect(code, `${line}\n${stdout}\n${stderr}`).toBe(0)
    return stdout.trim()
  })

const packInto = (folder: string) =>
  Effect.forEach(
    names,
    (name) =>
      run(
        Path.join(root, "packages", name),
        `npx --yes ${workspace.packageManager} pack --out "${Path.join(folder, name)}.tgz"`
      ),
    { concurrency: 2 }
  )

const installIn = (folder: string) => {
  const tools = ["typescript", "@types/node"].map((name) => `${name}@${workspace.devDependencies[name]}`)
  const specs = [...names.map((name) => `./${name}.tgz`), ...peers, ...tools].map((spec) => `"${spec}"`)
  return run(folder, `npm install --prefer-offline --no-audit --no-fund ${specs.join(" ")}`)
}

it("the README installs the peers at the ranges of the packages", () => {
  const readme = Fs.readFileSync(Path.join(root, "README.md"), "utf8")
  expect(peers.filter((peer) => !readme.includes(peer))).toEqual([])
})

it.scopedLive("the packed packages are installed by npm, type-checked and run", () =>
  Effect.gen(function*() {
    const { makeTempDirectoryScoped } = yield* FileSystem.FileSystem
    const folder = yield* makeTempDirectoryScoped({ prefix: "fastget-packed-" })
    yield* packInto(folder)
    yield* installIn(folder)

    names.forEach((name, index) => {
      const installed = manifest(Path.join(folder, "node_modules", name))
      expect(installed.exports).toEqual(sources[index]!.exports)
      expect(JSON.stringify(installed)).not.toMatch(/workspace:|catalog:/)
    })

    Fs.writeFileSync(Path.join(folder, "tsconfig.json"), JSON.stringify(tsconfig))
    Fs.writeFileSync(Path.join(folder, "main.mts"), program)
    yield* run(folder, "npx tsc --module preserve --moduleResolution bundler --noEmit")
    yield* run(folder, "npx tsc --module NodeNext --moduleResolution NodeNext")

    const { url } = yield* LoopbackServer.make()
    const output = yield* run(folder, `node main.mjs ${url}`)
    expect(output.split("\n").at(-1)).toBe(`[[1,{"path":"/1"}],[2,{"path":"/2"}],[3,{"path":"/3"}]]`)
  }).pipe(Effect.provide(NodeContext.layer)), 120_000)
