/** What the compiler says of the commonest mistakes. */
import { execFile } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
// Below this folder, so that the packages are found.
const folder = Path.join(root, "docs/examples/dist/mistakes")

const mistakes = {
  "a list without as const": `
const entries = [["a", "https://api.example.com/a"], ["b", "https://api.example.com/b"]]
export const program = FastGet.stream(entries)`,
  "an option that is misspelt": `
export const program = FastGet.stream([["a", "https://api.example.com/a"]], { timeot: "5 seconds" })`,
  "a program without its layer": `
export const program = Effect.runPromise(FastGet.get("https://api.example.com/a"))`
}

/** The errors of a program, from the compiler that builds the packages. */
const errors = (): Promise<string> =>
  new Promise((resolve) => {
    const compiler = Path.join(root, "node_modules/@typescript/native/bin/tsc")
    execFile(process.execPath, [compiler, "-p", "."], { cwd: folder }, (_, stdout) => resolve(stdout))
  })

const tsconfig = {
  compilerOptions: {
    noEmit: true,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    types: [],
    module: "nodenext"
  },
  include: ["*.ts"]
}

it("the compiler says what is wrong with them", async () => {
  Fs.rmSync(folder, { recursive: true, force: true })
  Fs.mkdirSync(folder, { recursive: true })
  Fs.writeFileSync(Path.join(folder, "package.json"), `{"type":"module"}`)
  Fs.writeFileSync(Path.join(folder, "tsconfig.json"), JSON.stringify(tsconfig))
  const names = Object.keys(mistakes)
  for (const [n, code] of Object.values(mistakes).entries()) {
    const imports = `import { FastGet } from "fastget"\n${
      code.includes("Effect.") ? `import { Effect } from "effect"\n` : ""
    }`
    Fs.writeFileSync(Path.join(folder, `${n}.ts`), `${imports}${code}\n`)
  }
  const all = await errors()
  const byFile = names.map((name, n) => [
    name,
    all.split(/^(?=\d+\.ts)/m).filter((error) => error.startsWith(`${n}.ts(`)).join("").replace(/^\S+ /, "").trim()
  ])
  expect(Object.fromEntries(byFile)).toMatchSnapshot()
}, 120_000)
