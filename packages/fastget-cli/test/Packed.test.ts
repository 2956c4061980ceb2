/**
 * The command as a user gets it: packed with the two packages it stands on,
 * installed with plain npm into an empty folder, and run by npx.
 */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { folder, lines, shell } from "./support/Process.js"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const names = ["fastget", "fastget-node", "fastget-cli"]
const { packageManager } = JSON.parse(Fs.readFileSync(Path.join(root, "package.json"), "utf8"))

const succeed = (cwd: string, line: string, stdin = "") =>
  Effect.map(shell(line, { cwd, stdin }), ({ code, stderr, stdout }) => {
    expect(code, `${line}\n${stdout}\n${stderr}`).toBe(0)
    return stdout
  })

/** A file of a bundle, and those that are loaded with it. */
const loadedBy = (dist: string, name: string, found = new Set<string>()): ReadonlyArray<string> => {
  if (found.has(name)) return []
  found.add(name)
  for (
    const [, other] of Fs.readFileSync(Path.join(dist, name), "utf8").matchAll(
      /(?:from|import)"\.\/(bundle-[\w-]+\.js)"/g
    )
  ) {
    loadedBy(dist, other!, found)
  }
  return [...found]
}

it.scopedLive("the three packed packages are installed by npm, and npx fastget runs", () =>
  Effect.gen(function*() {
    const path = yield* folder
    yield* Effect.forEach(names, (name) =>
      succeed(
        Path.join(root, "packages", name),
        `npx --yes ${packageManager} pack --out "${Path.join(path, name)}.tgz"`
      ), { concurrency: 2 })
    const tarballs = names.map((name) => `./${name}.tgz`).join(" ")
    yield* succeed(path, `npm install --prefer-offline --no-audit --no-fund ${tarballs}`)
    const manifest = Fs.readFileSync(Path.join(path, "node_modules/fastget-cli/package.json"), "utf8")
    expect(manifest).not.toMatch(/workspace:|catalog:/)
    expect(yield* succeed(path, "npx fastget --help")).toContain("fastget urls.txt -o out.ndjson --resume")
    // The engine of a cluster is in the package, and in a file that other runs don't load.
    const dist = Path.join(path, "node_modules/fastget-cli/dist")
    const program = Fs.readdirSync(dist).find((name) => /^bundle-Program-\w+\.js$/.test(name))!
    const loaded = loadedBy(dist, program).map((file) => Fs.readFileSync(Path.join(dist, file), "utf8")).join("")
    expect(Fs.readFileSync(Path.join(dist, "main.js"), "utf8")).toContain(`import("./${program}")`)
    expect(loaded).not.toMatch(/pg-protocol|cluster_locks|better-sqlite3/)
    expect(Fs.existsSync(Path.join(path, "node_modules/pg"))).toBe(false)
    const nowhere = yield* shell("npx fastget runner --host 127.0.0.1 --cluster postgres://a@127.0.0.1:1/a", {
      cwd: path
    })
    expect(nowhere.stderr).toContain("The database of the cluster can't be used")
    expect(nowhere.code).toBe(3)
    const { url } = yield* LoopbackServer.make()
    const stdout = yield* succeed(path, "npx fastget -q", `${url}/a\n`)
    expect(lines(stdout)).toEqual([{ id: 1, url: `${url}/a`, ok: true, status: 200, json: { path: "/a" } }])
  }), 600_000)
