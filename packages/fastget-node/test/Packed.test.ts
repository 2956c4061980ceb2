/**
 * The packages as a stranger gets them: the very commands of the README, run in a
 * fresh clone of this repository and in empty folders beside it. What they
 * install is type-checked and run, and so are the README's examples.
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

/** What npm has fetched before is taken as it is, so that the test mostly needs no network. */
const quietly = { npm_config_prefer_offline: "true", npm_config_audit: "false", npm_config_fund: "false" }

/** Runs a command line to its end and gives what it printed. By a shell: npm and npx are scripts on Windows. */
const run = (folder: string, line: string) =>
  Effect.gen(function*() {
    const child = yield* Command.start(
      Command.make(line).pipe(Command.workingDirectory(folder), Command.env(quietly), Command.runInShell(true))
    )
    const text = (bytes: typeof child.stdout) => Stream.mkString(Stream.decodeText(bytes))
    const [stdout, stderr, code] = yield* Effect.all([text(child.stdout), text(child.stderr), child.exitCode], {
      concurrency: 3
    })
    expect(code, `${line}\n${stdout}\n${stderr}`).toBe(0)
    return stdout.trim()
  })

/** A clone of this repository, with what is not committed yet in files that git knows. */
const cloneInto = (folder: string) =>
  Effect.gen(function*() {
    const clone = Path.join(folder, "fastget")
    const changes = Path.join(folder, "changes.patch")
    yield* run(folder, `git clone --quiet "${root}" fastget`)
    yield* run(root, `git diff --binary --output="${changes}" HEAD`)
    yield* run(clone, `git apply --allow-empty "${changes}"`)
    return clone
  })

/** The command lines of a section of the README, block by block. */
const commandsOf = (clone: string, section: string): ReadonlyArray<ReadonlyArray<string>> => {
  const readme = Fs.readFileSync(Path.join(clone, "README.md"), "utf8")
  const text = readme.split(/^(?=## )/m).find((part) => part.startsWith(`## ${section}\n`)) ?? ""
  return Array.from(text.matchAll(/^```sh\n([^]*?)\n```$/gm), ([, code = ""]) => code.split("\n"))
}

/** The programs of the README: the first example, then the recipes. */
const programsOf = (clone: string): ReadonlyArray<string> =>
  Array.from(
    Fs.readFileSync(Path.join(clone, "README.md"), "utf8").matchAll(/^```ts\n([^]*?)^```$/gm),
    ([, code = ""]) => code
  )

const runAll = (folder: string, lines: ReadonlyArray<string>) => Effect.forEach(lines, (line) => run(folder, line))

const newFolder = (parent: string, name: string): string => {
  const folder = Path.join(parent, name)
  Fs.mkdirSync(folder)
  return folder
}

it("the README installs the peers at the ranges of the packages, and packs with the package manager", () => {
  const readme = Fs.readFileSync(Path.join(root, "README.md"), "utf8")
  expect([...peers, workspace.packageManager].filter((name) => !readme.includes(name))).toEqual([])
})

/** The library in a program of its own. */
const checkLibrary = (clone: string, folder: string, install: ReadonlyArray<string>, url: string) =>
  Effect.gen(function*() {
    yield* runAll(folder, install)
    names.forEach((name, index) => {
      const installed = manifest(Path.join(folder, "node_modules", name))
      expect(installed.exports).toEqual(sources[index]!.exports)
      expect(JSON.stringify(installed)).not.toMatch(/workspace:|catalog:/)
    })

    const tools = ["typescript", "@types/node"].map((name) => `"${name}@${workspace.devDependencies[name]}"`)
    yield* run(folder, `npm install ${tools.join(" ")}`)
    const [first = "", ...recipes] = programsOf(clone)
    Fs.writeFileSync(Path.join(folder, "first.mjs"), first)
    const files = recipes.map((recipe, index) => {
      Fs.writeFileSync(Path.join(folder, `recipe${index}.mts`), recipe)
      return `recipe${index}.mts`
    })
    Fs.writeFileSync(
      Path.join(folder, "tsconfig.json"),
      JSON.stringify({ ...tsconfig, files: [...tsconfig.files, ...files] })
    )
    Fs.writeFileSync(Path.join(folder, "main.mts"), program)
    yield* run(folder, "npx tsc --module preserve --moduleResolution bundler --noEmit")
    yield* run(folder, "npx tsc --module NodeNext --moduleResolution NodeNext")
    const output = yield* run(folder, `node main.mjs ${url}`)
    expect(output.split("\n").at(-1)).toBe(`[[1,{"path":"/1"}],[2,{"path":"/2"}],[3,{"path":"/3"}]]`)
    // As they stand: the first example, which has its server, and the recipes, which fetch nothing until they are run.
    expect(yield* run(folder, "node first.mjs")).toMatch(/^fetched 1000 of 1000$/m)
    expect(files.length).toBe(6)
    yield* run(folder, `node ${files.map((file) => `--import ./${file.replace(".mts", ".mjs")}`).join(" ")} -e ""`)
  })

/** The command in a folder of its own, with a file of URLs. */
const checkCommand = (folder: string, commands: ReadonlyArray<string>, url: string) =>
  Effect.gen(function*() {
    Fs.writeFileSync(Path.join(folder, "urls.csv"), `id,url\na,${url}/a\n`)
    yield* runAll(folder, commands)
    const [line = ""] = Fs.readFileSync(Path.join(folder, "out.ndjson"), "utf8").split("\n")
    expect(JSON.parse(line)).toMatchObject({ id: "a", ok: true, json: { path: "/a" } })
  })

// A copy without its history can't be cloned.
it.scopedLive.skipIf(!Fs.existsSync(Path.join(root, ".git")))(
  "the README's way from a fresh clone to an installed library and command works",
  () =>
    Effect.gen(function*() {
      const { makeTempDirectoryScoped } = yield* FileSystem.FileSystem
      const folder = yield* makeTempDirectoryScoped({ prefix: "fastget-packed-" })
      const clone = yield* cloneInto(folder)
      const [pack = [], install = []] = commandsOf(clone, "Install")
      const [command = []] = commandsOf(clone, "The command")
      expect([pack.length, install.length, command.length]).toEqual([3, 1, 2])

      yield* runAll(clone, pack)
      // The two commands. `npm test` is that of a stranger but for the name of a file: all of it is this very run.
      expect(yield* run(clone, "npm run demo")).toMatch(/fetched 10000 of 10000$/)
      yield* run(clone, "npm test -- docs/examples/numbers.test.ts")
      const { url } = yield* LoopbackServer.make()
      yield* checkLibrary(clone, newFolder(folder, "program"), install, url)
      yield* checkCommand(newFolder(folder, "command"), command, url)
    }).pipe(Effect.provide(NodeContext.layer)),
  600_000
)
