/**
 * The pages of the site, by what a reader wants to do. A page that is not there
 * yet is left out, so that it can be named here before it is written.
 */
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"

const docs = fileURLToPath(new URL("..", import.meta.url))

/** Where the repository is. */
export const repository = "https://github.com/fastget/fastget"

const all = [
  {
    title: "Use it",
    pages: [
      ["getting-started", "Getting started"],
      ["options", "Options"],
      ["rate-limits", "Rate limits"],
      ["errors", "Errors"],
      ["schema", "Schema and select"],
      ["testing", "Tests"],
      ["observability", "Observability"],
      ["workers", "Worker files"]
    ]
  },
  {
    title: "Run it",
    pages: [
      ["cli", "The command"],
      ["deploying", "Deploying"],
      ["cluster", "Many machines"],
      ["migrating", "Migrating"],
      ["original", "The Python original"]
    ]
  },
  {
    title: "Trust it",
    pages: [
      ["benchmarks", "Performance"],
      ["security", "Security"],
      ["faults", "Faults"],
      ["soak", "The soak"]
    ]
  },
  {
    title: "Change it",
    pages: [
      ["architecture", "Architecture"],
      ["decisions/README", "Decisions"]
    ]
  }
]

/** Groups of pages, each with its file below docs and its title. */
export const groups = all.map(({ pages, title }) => ({
  title,
  pages: pages
    .map(([name, title]) => ({ file: `${name}.md`, title }))
    .filter(({ file }) => Fs.existsSync(`${docs}${file}`))
}))

/** The address of a page on the site. */
export const address = (file) => `/${file.replace(/(?:README|index)\.md$/, "").replace(/\.md$/, "")}`
