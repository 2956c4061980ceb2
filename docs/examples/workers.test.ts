/**
 * Every recipe for a worker file, in docs/workers.md, is run as it stands there:
 * what starts a thread, what a thread runs, and what builds them.
 */
import { transform } from "esbuild"
import { execFile } from "node:child_process"
import * as Fs from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))

interface Block {
  readonly section: string
  readonly language: string
  readonly code: string
}

const blocksOf = (file: string): ReadonlyArray<Block> =>
  Fs.readFileSync(Path.join(root, file), "utf8").split(/^(?=#+ )/m).flatMap((text) =>
    Array.from(text.matchAll(/^```(\w+)\n([^]*?)^```$/gm), ([, language = "", code = ""]) => ({
      section: `${file}, ${/^#+ (.*)/.exec(text)?.[1] ?? ""}`,
      language,
      code
    }))
  )

const blocks = blocksOf("docs/workers.md")
const spawning = blocks.filter(({ code }) => code.includes("new Worker("))
const threads = blocks.filter(({ code, language }) => language === "ts" && code.includes("NodeFetchWorker.runMain("))
const blockOf = (section: string, part: string): string => {
  const block = blocks.find((block) => block.section.endsWith(`, ${section}`) && block.code.includes(part))
  if (block === undefined) throw new Error(`no block of ${section} with ${part}`)
  return block.code
}

/** The first worker of the page: it makes the number of its items of each cart. */
const cartWorker = threads[0]!.code
const defaultWorker = blockOf("Shipping the worker file", "import \"fastget-node/worker\"")

const asking = `
import { Effect as Asking } from "effect"
import { FastGet as Asked } from "fastget"
Asking.runPromise(Asking.provide(Asked.get(process.argv[2]), FastGetLive)).then((answer) =>
  process.stdout.write(JSON.stringify(answer))
)
`

/** The same where the machine does much else: a loader that compiles all it loads may need longer than 10 s then. */
const patient = (code: string): string =>
  code.replace("NodeFastGet.layer({", "NodeFastGet.layer({ startTimeout: 60_000, ")

let folders = 0

/** Below this folder, so that the packages are found. */
const makeFolder = (files: Readonly<Record<string, string>>): string => {
  const folder = Path.join(root, "docs/examples/dist/recipes", String(++folders))
  Fs.rmSync(folder, { recursive: true, force: true })
  for (const [name, text] of Object.entries({ "package.json": `{"type":"module"}`, ...files })) {
    Fs.mkdirSync(Path.dirname(Path.join(folder, name)), { recursive: true })
    Fs.writeFileSync(Path.join(folder, name), text)
  }
  return folder
}

/** A tool that is here because another one needs it. */
const link = (folder: string, name: string): void => {
  Fs.mkdirSync(Path.join(folder, "node_modules"), { recursive: true })
  Fs.symlinkSync(
    Path.join(root, "node_modules/.pnpm/node_modules", name),
    Path.join(folder, "node_modules", name),
    "junction"
  )
}

const node = async (folder: string, ...args: ReadonlyArray<string>): Promise<string> =>
  (await promisify(execFile)(process.execPath, args, { cwd: folder })).stdout

const javascript = async (code: string): Promise<string> => (await transform(code, { loader: "ts" })).code

let server: Server
let url: string
const cart = { items: [{ price: 1 }, { price: 2 }, { price: 3 }] }

beforeAll(async () => {
  server = createServer((_, response) => response.end(JSON.stringify(cart)))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => void server.close())

/** Runs a program in a folder, and gives the answer it got. */
const answer = async (folder: string, program: string): Promise<unknown> => JSON.parse(await node(folder, program, url))

describe("a recipe that starts threads", () => {
  it("is in the documents for each way to ship the file, and passes the options on", () => {
    expect(spawning.length).toBeGreaterThan(6)
    for (const { code } of spawning) expect(code).toContain("worker: (options) =>")
    expect(Fs.readFileSync(Path.join(root, "docs/workers.md"), "utf8")).not.toMatch(/worker: \(\) =>/)
  })

  it.each(spawning.map((block, index) => [index, block.section] as const))(
    "gets its threads ready (%d: %s)",
    async (index) => {
      // Bun runs TypeScript; built by it the file is called .js, as the recipe says.
      const program = patient(spawning[index]!.code).replace("./my-worker.ts", "./my-worker.js")
      const worker = await javascript(cartWorker)
      const folder = makeFolder({
        "main.js": await javascript(program + asking),
        "my-worker.js": worker,
        "workers/my-worker.mjs": worker,
        "my-worker.ts": cartWorker,
        "my-worker.boot.mjs": blockOf("tsx, or another loader of TypeScript", "register()")
      })
      link(folder, "tsx")
      expect(await answer(folder, "main.js")).toBe(3)
    },
    60_000
  )
})

describe("a worker file of the documents", () => {
  it.each(threads.map((block, index) => [index, block.section] as const))(
    "is ready to be asked (%d: %s)",
    async (index) => {
      const { code } = threads[index]!
      const options = code.includes("denyPrivate") ? "denyPrivate: true, " : ""
      const program = blockOf("What a worker file has to do for the pool", "{ ...options").length > 0
        ? spawning[0]!.code.replace("NodeFastGet.layer({", `NodeFastGet.layer({ ${options}`)
        : ""
      const folder = makeFolder({
        "main.js": await javascript(program + asking),
        "my-worker.js": await javascript(code)
      })
      expect(await answer(folder, "main.js")).toEqual(code.includes("items.length") ? 3 : cart)
    },
    60_000
  )
})

describe("a bundler", () => {
  const program = blockOf("Shipping the worker file", "new Worker(") + asking
  const sources = (worker: string) => ({ "main.ts": program, "my-worker.ts": worker })
  const workers = [["of its own", cartWorker, 3], ["the default worker", defaultWorker, cart]] as const

  it.each(workers)("esbuild on its command line makes a program with a worker %s", async (_, worker, expected) => {
    const folder = makeFolder(sources(worker))
    const [command, ...args] = blockOf("esbuild", "esbuild main.ts").trim().split(" ")
    // A script of the package manager, and of the shell on Windows.
    const shell = process.platform === "win32"
    await promisify(execFile)(Path.join(root, "node_modules/.bin", command!), args, { cwd: folder, shell })
    expect(await answer(folder, "dist/main.js")).toEqual(expected)
  }, 60_000)

  it.each(workers)("esbuild with the packages in the bundle does with a worker %s", async (_, worker, expected) => {
    const folder = makeFolder({ ...sources(worker), "build.mjs": blockOf("esbuild", "await build(") })
    await node(folder, "build.mjs")
    expect(await answer(folder, "dist/main.js")).toEqual(expected)
  }, 60_000)

  it("Vite makes a program with two entries", async () => {
    // The packages are links here, which Vite takes for sources of the program; from npm they stay outside by default.
    const config = blockOf("Vite", "defineConfig").replace("build: {", "ssr: { external: true }, build: {")
    const folder = makeFolder({ ...sources(cartWorker), "vite.config.js": config })
    link(folder, "vite")
    await node(folder, "node_modules/vite/bin/vite.js", "build", "--logLevel", "error")
    expect(await answer(folder, "dist/main.js")).toBe(3)
  }, 60_000)
})
