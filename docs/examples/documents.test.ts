/** The documents say what the code says: the parts of them that can be compared. */
import { FetchError } from "fastget"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const readme = Fs.readFileSync(path("README.md"), "utf8")

const filesIn = (folder: string, extension: string): ReadonlyArray<string> =>
  Fs.readdirSync(path(folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(extension) && !/node_modules|api/.test(file))
    .map((file) => `${folder}/${file.replaceAll("\\", "/")}`)

/** The links of a page to files of the repository, each with the heading it names. */
const linksOf = (page: string): ReadonlyArray<readonly [file: string, heading: string | undefined]> =>
  Array.from(Fs.readFileSync(path(page), "utf8").matchAll(/\]\((?!\w+:)([^)#]*)(?:#([^)]*))?\)/g), (match) => [
    match[1] === "" ? page : Path.posix.join(Path.posix.dirname(page), match[1]!),
    match[2]
  ])

/** The anchors that GitHub makes of headings. */
const headingsOf = (page: string): ReadonlyArray<string> =>
  Array.from(
    Fs.readFileSync(path(page), "utf8").matchAll(/^#+ (.*)$/gm),
    ([, heading = ""]) => heading.toLowerCase().replace(/[^\w\s-]/g, "").replaceAll(" ", "-")
  )

/** The first blocks of commands on a page. */
const commands = (page: string, count: number): ReadonlyArray<string | undefined> =>
  Array.from(Fs.readFileSync(path(page), "utf8").matchAll(/^```sh\n([^]*?)^```$/gm), ([, code]) => code).slice(0, count)

/** Numbers of thousands in a text. */
const rates = (text = "") => text.match(/\d+,\d+/g)

const node = (...args: ReadonlyArray<string>) => execFileSync(process.execPath, args, { encoding: "utf8" })

it.each(["README.md", "docs/getting-started.md"])("the first example of %s runs as it stands", (page) => {
  const code = /^```ts\n([^]*?)^```$/m.exec(Fs.readFileSync(path(page), "utf8"))?.[1] ?? ""
  const file = path(`docs/examples/dist/first-${Path.basename(page, ".md")}.mjs`)
  Fs.mkdirSync(path("docs/examples/dist"), { recursive: true })
  Fs.writeFileSync(file, code)
  expect(node(file)).toMatch(/^fetched 1000 of 1000$/m)
})

it("getting started installs as the README does, whose commands are run", () => {
  expect(commands("docs/getting-started.md", 2)).toEqual(commands("README.md", 2))
})

it("the README is short: what is longer has a page of docs", () => {
  expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(10_000)
})

it("the README's picture is that of the results, light and dark", () => {
  expect(node(path("docs/images/chart.mjs"), "--check")).toBe("")
  const told = /aria-label="[^:]*: ([^"]*)"/.exec(Fs.readFileSync(path("docs/images/chart-dark.svg"), "utf8"))?.[1]
  // The text in place of the picture may leave rows out.
  for (const page of ["README.md", "docs/index.md"]) {
    const [, alt = ""] = /<img[^>]* alt="([^"]*)"/.exec(Fs.readFileSync(path(page), "utf8").replaceAll("\n", " ")) ?? []
    expect(rates(alt)?.length).toBeGreaterThan(3)
    expect(rates(told)).toEqual(expect.arrayContaining(rates(alt)!))
  }
})

it("links within the repository lead somewhere", () => {
  const pages = ["README.md", "CONTRIBUTING.md", ...filesIn("docs", ".md")]
  const broken = pages.flatMap((page) =>
    linksOf(page).filter(([file, heading]) =>
      !Fs.existsSync(path(file)) || (heading !== undefined && !headingsOf(file).includes(heading))
    ).map(([file, heading]) => `${page}: ${file}${heading === undefined ? "" : `#${heading}`}`)
  )
  expect(broken).toEqual([])
})

it("files that are named in CONTRIBUTING.md and docs/architecture.md are there", () => {
  const missing = ["CONTRIBUTING.md", "docs/architecture.md"].flatMap((page) => {
    const text = Fs.readFileSync(path(page), "utf8")
    const inPackages = Array.from(text.matchAll(/`(packages\/[\w./-]+)`/g), ([, name = ""]) => name)
    const modules = Array.from(
      text.matchAll(/`((?:internal|platform)\/\w[\w/]*[A-Z]\w*)`/g),
      ([, name]) => `packages/fastget/src/${name}.ts`
    )
    return [...inPackages, ...modules].filter((name) => !Fs.existsSync(path(name)))
  })
  expect(missing).toEqual([])
})

it("the table of docs/options.md is the one of FastGetConfig", () => {
  expect(node(path("packages/fastget/scripts/options-table.mjs"), "--check")).toBe("")
})

it("the table of docs/errors.md names every reason", () => {
  const errors = Fs.readFileSync(path("docs/errors.md"), "utf8")
  // One reason has another in it.
  const names = new Set(Array.from(String(FetchError.Reason.ast).matchAll(/_tag: "(\w+)"/g), (match) => match[1]))
  expect(names.size).toBe(FetchError.Reason.members.length)
  for (const name of names) expect(errors).toContain(`\n| \`${name}\` `)
})

it("the lists of docs/architecture.md are those of the code: every module, and what may import what", () => {
  expect(node(path("packages/checks/dist/modules.js"), "--check")).toBe("")
})
