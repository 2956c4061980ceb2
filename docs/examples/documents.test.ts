/** The documents say what the code says: the parts of them that can be compared. */
import { FetchError } from "fastget"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const readme = Fs.readFileSync(path("README.md"), "utf8")
const node = (...args: ReadonlyArray<string>) => execFileSync(process.execPath, args, { encoding: "utf8" })

it("the README's first example runs as it stands", () => {
  const code = /^```ts\n([^]*?)^```$/m.exec(readme)?.[1] ?? ""
  const file = path("docs/examples/dist/first.mjs")
  Fs.mkdirSync(path("docs/examples/dist"), { recursive: true })
  Fs.writeFileSync(file, code)
  expect(node(file)).toMatch(/^fetched 1000 of 1000$/m)
})

it("docs/options.md has the options of the code", () => {
  expect(node(path("packages/fastget/scripts/options-table.mjs"), "--check")).toBe("")
})

it("the README's table of errors names every reason", () => {
  const names = Array.from(String(FetchError.Reason.ast).matchAll(/_tag: "(\w+)"/g), (match) => match[1])
  expect(names.length).toBe(FetchError.Reason.members.length)
  for (const name of names) expect(readme).toContain(`\n| \`${name}\` `)
})

it("docs/architecture.md names every module", () => {
  const map = Fs.readFileSync(path("docs/architecture.md"), "utf8")
  for (const folder of ["packages/fastget/src", "packages/fastget-node/src"]) {
    for (const file of Fs.readdirSync(path(folder))) expect(map).toContain(`\`${file.replace(/\.ts$/, "")}\``)
  }
})
