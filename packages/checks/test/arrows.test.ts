/** Which folder may import which; and that a forbidden import is found. */
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import * as Arrows from "../src/Arrows.js"
import * as Rules from "../src/Rules.js"
import * as Sources from "../src/Sources.js"

const root = fileURLToPath(new URL("../../../", import.meta.url))

describe.each(Rules.all)("$folder", (rules) => {
  const files = Sources.read(root + rules.folder)

  it("has only imports that its rules allow", () => {
    expect(Arrows.violations(rules, files)).toEqual([])
  })

  it("has a file in every part that has a rule", () => {
    const parts = new Set(files.map(({ name }) => Arrows.partOf(rules.parts, name)))
    expect([...parts].sort()).toEqual(Object.keys(rules.parts).sort())
  })
})

describe("a forbidden import is found", () => {
  const forbidden: ReadonlyArray<readonly [rules: Arrows.Package, file: string, text: string, imports: string]> = [
    [Rules.fastget, "internal/run/Feeder", `import * as HttpGet from "../http/HttpGet.js"`, "internal/http/HttpGet"],
    [Rules.fastget, "internal/http/HttpGet", `import type { Run } from "../run/Run.js"`, "internal/run/Run"],
    [Rules.fastget, "internal/origin/OriginGate", `export * from "../run/Run.js"`, "internal/run/Run"],
    [Rules.fastget, "internal/run/Run", `const a = await import("../worker/ChunkGet.js")`, "internal/worker/ChunkGet"],
    [Rules.fastgetNode, "NodeFetchPool", `import "fastget/internal/run/Run"`, "fastget/internal/run/Run"],
    [
      Rules.fastgetNode,
      "internal/sockets/Sockets",
      `import { Exchange } from "../client/Exchange.js"`,
      "internal/client/Exchange"
    ],
    [Rules.fastgetCli, "input/Input", `import * as Output from "../output/Output.js"`, "output/Output"],
    [Rules.fastgetCli, "Run", `import "fastget/platform/QuickGet"`, "fastget/platform/QuickGet"]
  ]

  it.each(forbidden)("%#: by %s", (rules, name, text, imports) => {
    const files = Sources.read(root + rules.folder).map((file) =>
      file.name === name ? { name, text: `${text}\n${file.text}` } : file
    )
    expect(files.some((file) => file.name === name)).toBe(true)
    expect(Arrows.violations(rules, files)).toEqual([{ file: name, imports }])
  })
})
