/** Each module of the packages that users install, and of the servers of the tests, has a test that names it. */
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import * as Sources from "../src/Sources.js"
import * as TestedModules from "../src/TestedModules.js"

const root = fileURLToPath(new URL("../../../", import.meta.url))

/** Programs of threads and processes that tests start are plain JavaScript. */
const programs = (folder: string): ReadonlyArray<Sources.SourceFile> =>
  Fs.readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".mjs"))
    .map((file) => ({
      name: file.replaceAll("\\", "/").slice(0, -".mjs".length),
      text: Fs.readFileSync(`${folder}/${file}`, "utf8")
    }))

const packages = ["fastget", "fastget-node", "fastget-cluster", "fastget-cli", "loopback"].map(
  (name): TestedModules.Package => {
    const tests = `${root}packages/${name}/test`
    return {
      name,
      sources: Sources.read(`${root}packages/${name}/src`),
      tests: [...Sources.read(tests), ...programs(tests)]
    }
  }
)

it("every module is named by a test", () => {
  expect(TestedModules.untested(packages)).toEqual([])
})

describe("a module", () => {
  const code = "export const a = () => 1\n"

  /** Those that are untested in a package of these files. */
  const untested = (sources: Readonly<Record<string, string>>, tests: Readonly<Record<string, string>>) => {
    const filesOf = (files: Readonly<Record<string, string>>) =>
      Object.entries(files).map(([name, text]) => ({ name, text }))
    return TestedModules.untested([{ name: "some", sources: filesOf(sources), tests: filesOf(tests) }])
  }

  it.each([
    ["imports it by its path", `import * as A from "../../src/in/A.js"`],
    ["imports its compiled file", `import { a } from "../../dist/in/A.js"`],
    ["imports it by its package's name", `import * as A from "some/in/A"`],
    ["imports it out of the index", `import { type B, Other as A } from "some"`],
    ["imports it later", `const A = await import("some/in/A")`],
    ["runs it as a program", `const file = new URL("../../dist/in/A.js", import.meta.url)`]
  ])("is tested where a test %s", (_, text) => {
    const sources = { "in/A": code, "index": `export * as Other from "./in/A.js"\n` }
    expect(untested(sources, { "in/X.test": text })).toEqual([])
  })

  it.each([
    ["names none", ""],
    ["imports another", `import * as A from "../../src/in/B.js"`],
    ["imports its types only", `import type * as A from "some/in/A"`],
    ["imports types of it only", `import { type A } from "some/in/A"`],
    ["imports something else out of the index", `import { Another } from "some"`],
    ["has its name, and runs no program", `import "../helper.js"`]
  ])("is not tested where a test %s", (_, text) => {
    const sources = { "in/A": code, "index": `export * as Other from "./in/A.js"\n` }
    expect(untested(sources, { "in/A.test": text, "helper": "" })).toEqual(["some/src/in/A"])
  })

  it("is tested by what its test uses, and where its namesake runs the program of its package", () => {
    const helper = `export const bin = new URL("../dist/main.js", import.meta.url)\nexport * from "../src/C.js"`
    const tests = { "in/A.test": `import { bin } from "../helper.js"`, helper }
    expect(untested({ "in/A": code, "in/B": code, "main": code, "C": code }, tests)).toEqual(["some/src/in/B"])
  })

  it("of `#internal/` is tested by its short name, and by a module that re-exports it", () => {
    const sources = { "internal/A": code, "B": `export { a } from "./internal/A.js"\n${code}`, "internal/C": code }
    expect(untested(sources, { "X.test": `import * as C from "#internal/C"\nimport * as B from "some/B"` })).toEqual([])
  })

  it("without a function needs no test", () => {
    const types = `import type { A } from "./A.js"\nexport interface B extends A {}\nexport const table = { a: 1 }\n`
    expect(untested({ types }, {})).toEqual([])
  })
})
