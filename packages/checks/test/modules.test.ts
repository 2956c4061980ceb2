/** The lists of docs/architecture.md: what is made of a rule and of a module's header. */
import { describe, expect, it } from "vitest"
import type { Package } from "../src/Arrows.js"
import * as ModuleMap from "../src/ModuleMap.js"

const header = (text: string) => ({ name: "A", text: `/**\n * ${text.replaceAll("\n", "\n * ")}\n */\nexport {}\n` })

describe("the first sentence of a header", () => {
  it.each([
    ["One thing.", "One thing"],
    ["One thing\nover two lines. And more.", "One thing over two lines"],
    ["The file `a.ts`, of version 1.5. And more.", "The file `a.ts`, of version 1.5"],
    ["As {@link other} does.", "As `other` does"]
  ])("%j", (text, sentence) => {
    expect(ModuleMap.firstSentence(header(text))).toBe(sentence)
  })

  it("is found after the line that names the program", () => {
    const { text } = header("A program.")
    expect(ModuleMap.firstSentence({ name: "main", text: `#!/usr/bin/env node\n${text}` })).toBe("A program")
  })

  it.each(["export {}\n", "/**\n * No sentence\n */\n", "/**\n * Two\n *\n * paragraphs.\n */\n"])(
    "is missed in %j",
    (text) => {
      expect(() => ModuleMap.firstSentence({ name: "A", text })).toThrow("A has no header")
    }
  )
})

it.each([
  ["", "none"],
  [`import * as Fs from "node:fs"`, "none"],
  [`import type * as Effect from "effect/Effect"`, "types"],
  [`import * as Option from "effect/Option"\nimport type * as Effect from "effect/Effect"`, "data"],
  [`import * as Option from "effect/Option"\nimport * as Effect from "effect/Effect"`, "Effect"],
  [`export * from "@effect/platform/HttpClient"`, "Effect"]
])("what %j takes of Effect is %s", (text, use) => {
  expect(ModuleMap.effectUse({ name: "A", text })).toBe(use)
})

const rules: Package = {
  folder: "packages/some/src",
  watched: [],
  parts: { "": { mayImport: ["internal/a", "other/*"] }, "internal/a": { mayImport: [] } }
}

it("each part has a line of what it may import", () => {
  expect(ModuleMap.arrows(rules, ["Model"])).toBe(
    "### The parts of `some`\n\n- the root of `src`: `internal/a/`, `other/*`\n- `internal/a/`: nothing"
  )
})

it("the models are one where all of them may be imported", () => {
  expect(ModuleMap.arrows(rules, ["other/*"])).toContain("- the root of `src`: `internal/a/`, the models\n")
})

it("each part has a list of its modules", () => {
  const files = ["Main", "internal/a/One", "internal/new/Two"].map((name) => ({ ...header(`It is ${name}.`), name }))
  const withEffect = { name: "internal/a/Two", text: `${header("It runs.").text}import "effect/Effect"` }
  expect(ModuleMap.modules(rules, [...files, withEffect])).toBe([
    "### `some`",
    "",
    "- `Main`: It is Main",
    // A folder without a rule is told by the names of its modules.
    "- `internal/new/Two`: It is internal/new/Two",
    "",
    "### `some`: `internal/a/`",
    "",
    "- `One`: It is internal/a/One",
    "- `Two` (Effect): It runs"
  ].join("\n"))
})

it("only what stands between the markers is replaced", () => {
  const document = "before\n<!-- a:begin -->\nold\n<!-- a:end -->\nafter\n"
  expect(ModuleMap.replaceBetween(document, "a", "new")).toBe(
    "before\n<!-- a:begin -->\n\nnew\n\n<!-- a:end -->\nafter\n"
  )
  expect(() => ModuleMap.replaceBetween(document, "b", "new")).toThrow("no <!-- b:begin -->")
})
