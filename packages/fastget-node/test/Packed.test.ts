/**
 * The packages as a user gets them: packed, installed with plain npm into an
 * empty folder at the ranges of the README, type-checked and run.
 */
import { Command, FileSystem, Path } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { expect, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { LoopbackServer } from "loopback"

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

interface Manifest {
  readonly exports: unknown
  readonly packageManager: string
  readonly devDependencies: Record<string, string>
  readonly peerDependencies: Record<string, string>
}

/** Runs a command to its end, and wants it to succeed; its output. By a shell: npm and npx are scripts on Windows. */
const run = (folder: string, command: string, ...args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const child = yield* Command.start(
      Command.make(command, ...args).pipe(Command.workingDirectory(folder), Command.runInShell(true))
    )
    const [stdout, stderr, code] = yield* Effect.all(
      [Stream.mkString(Stream.decodeText(child.stdout)), Stream.mkString(Stream.decodeText(child.stderr)), child.exitCode],
      { concurrency: 3 }
    )
    expect(code, `${command} ${args.join(" ")}\n${stdout}\n${stderr}`).toBe(0)
    return stdout.trim()
  })

it.scopedLive("the packed packages are installed by npm, type-checked and run", () =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const root = yield* path.fromFileUrl(new URL("../../..", import.meta.url))
    const folder = yield* fs.makeTempDirectoryScoped({ prefix: "fastget-packed-" })
    const manifest = (...segments: ReadonlyArray<string>) =>
      Effect.map(fs.readFileString(path.join(...segments, "package.json")), (text) => JSON.parse(text) as Manifest)

    const workspace = yield* manifest(root)
    const sources = yield* Effect.forEach(["fastget", "fastget-node"], (name) => manifest(root, "packages", name))
    const readme = yield* fs.readFileString(path.join(root, "README.md"))
    const peers = new Set(
      sources.flatMap(({ peerDependencies }) =>
        Object.entries(peerDependencies).flatMap(([name, range]) => name === "fastget" ? [] : [`${name}@${range}`])
      )
    )
    for (const peer of peers) expect(readme).toContain(peer)

    yield* Effect.forEach(
      ["fastget", "fastget-node"],
      (name) =>
        run(
          path.join(root, "packages", name),
          ...["npx", "--yes", workspace.packageManager, "pack", "--out", path.join(folder, `${name}.tgz`)] as const
        ),
      { concurrency: 2 }
    )
    const tools = ["typescript", "@types/node"].map((name) => `${name}@${workspace.devDependencies[name]}`)
    yield* run(
      folder,
      ...["npm", "install", "--prefer-offline", "--no-audit", "--no-fund"] as const,
      ...["./fastget.tgz", "./fastget-node.tgz"],
      ...[...peers, ...tools].map((spec) => `"${spec}"`)
    )

    const installed = yield* Effect.forEach(["fastget", "fastget-node"], (name) =>
      manifest(folder, "node_modules", name))
    for (const [index, { exports, ...rest }] of installed.entries()) {
      expect(exports).toEqual(sources[index]!.exports)
      expect(JSON.stringify(rest)).not.toMatch(/workspace:|catalog:/)
    }

    yield* fs.writeFileString(path.join(folder, "main.mts"), program)
    const check = (...args: ReadonlyArray<string>) =>
      // skipLibCheck: the types of @effect/platform-node want @types/ws.
      run(folder, "npx", "tsc", "main.mts", "--strict", "--skipLibCheck", "--target", "ES2022", "--types", "node", ...args)
    yield* check("--module", "preserve", "--moduleResolution", "bundler", "--noEmit")
    yield* check("--module", "NodeNext", "--moduleResolution", "NodeNext")

    const { url } = yield* LoopbackServer.make()
    const output = yield* run(folder, "node", "main.mjs", url)
    expect(output.split("\n").at(-1)).toBe(`[[1,{"path":"/1"}],[2,{"path":"/2"}],[3,{"path":"/3"}]]`)
  }).pipe(Effect.provide(NodeContext.layer)), 120_000)
