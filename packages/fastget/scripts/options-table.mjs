/**
 * Writes the table of docs/options.md, made of `FastGetConfig.fields`. With
 * `--check` it writes nothing, and fails if the table is not up to date. Build
 * the package first.
 */
import { environmentName, fields } from "fastget/FastGetConfig"
import * as Fs from "node:fs"

const page = new URL("../../../docs/options.md", import.meta.url)
const begin = "<!-- options:begin -->"
const end = "<!-- options:end -->"

const code = (text) => `\`${text}\``

const environmentNames = (name) => {
  const whole = environmentName(name)
  return name === "retry"
    ? ["_TIMES", "_BASE", "_CAP", "_BUDGET"].map((part) => code(whole + part)).join(", ")
    : code(whole)
}

/** A default such as `CPU count`, which is no value. */
const inWords = /^[A-Za-z ]+$|\(/

const row = ([name, { default: value, description, place, range, shown }]) => [
  code(name),
  shown === undefined ? code(JSON.stringify(value)) : inWords.test(shown) ? shown : code(shown),
  range,
  place === "both" ? "layer, stream" : "layer",
  environmentNames(name),
  description
]

const rows = [["Option", "Default", "Range", "Set on", "Environment", "Meaning"], ...Object.entries(fields).map(row)]
  .map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")))

// Padded, as the formatter does it.
const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)))
const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`
const ruler = line(widths.map((width) => "-".repeat(width)))
const table = [line(rows[0]), ruler, ...rows.slice(1).map(line)].join("\n")

const text = Fs.readFileSync(page, "utf8")
const [before, rest] = text.split(begin)
const after = rest?.split(end)[1]
if (after === undefined) throw new Error(`docs/options.md has no ${begin} followed by ${end}`)
const updated = `${before}${begin}\n\n${table}\n\n${end}${after}`

if (updated === text) process.exitCode = 0
else if (process.argv.includes("--check")) {
  process.stderr.write(
    "docs/options.md: the table is stale. Run node packages/fastget/scripts/options-table.mjs\n"
  )
  process.exitCode = 1
} else Fs.writeFileSync(page, updated)
