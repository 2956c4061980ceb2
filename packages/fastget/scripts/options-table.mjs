/**
 * Writes the tables of options in docs/options.md, made of the fields of
 * `FastGetConfig` and of `NodeFastGet`. With `--check` it writes nothing, and
 * fails if the tables are not up to date. Build the packages first.
 */
import * as Fs from "node:fs"
import { environmentName, fields } from "../../fastget-node/dist/NodeFastGet.js"
import { fields as common } from "../dist/FastGetConfig.js"

const file = new URL("../../../docs/options.md", import.meta.url)

const code = (text) => `\`${text}\``

const environmentNames = (name, { rangeAsText }) => {
  const whole = environmentName(name)
  const names = name === "retry"
    ? ["_TIMES", "_BASE", "_CAP", "_BUDGET"].map((part) => code(whole + part)).join(", ")
    : name === "rate"
    ? `${code(whole)}, ${code("FASTGET_BURST")}`
    : code(whole)
  return rangeAsText === undefined ? names : `${names}: ${rangeAsText}`
}

/** A default such as `CPU count`, which is no value. */
const inWords = /^[A-Za-z ]+$|\(/

const row = ([name, field]) => [
  code(name),
  field.shown === undefined
    ? code(JSON.stringify(field.default))
    : inWords.test(field.shown)
    ? field.shown
    : code(field.shown),
  field.range,
  field.scope === "both" ? "layer, stream" : "layer",
  environmentNames(name, field),
  field.description
]

/** Padded, as the formatter does it. */
const table = (entries) => {
  const rows = [["Option", "Default", "Range", "Set on", "Environment", "Meaning"], ...entries.map(row)]
    .map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")))
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)))
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`
  return [line(rows[0]), line(widths.map((width) => "-".repeat(width))), ...rows.slice(1).map(line)].join("\n")
}

const parts = {
  options: table(Object.entries(common)),
  client: table(Object.entries(fields).filter(([name]) => !Object.hasOwn(common, name)))
}

const text = Fs.readFileSync(file, "utf8")
const updated = Object.entries(parts).reduce((text, [name, part]) => {
  const begin = `<!-- ${name}:begin -->`
  const end = `<!-- ${name}:end -->`
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`docs/options.md has no ${begin} followed by ${end}`)
  return `${before}${begin}\n\n${part}\n\n${end}${after}`
}, text)

if (updated !== text) {
  if (process.argv.includes("--check")) {
    process.stderr.write("docs/options.md is stale. Run node packages/fastget/scripts/options-table.mjs\n")
    process.exitCode = 1
  } else Fs.writeFileSync(file, updated)
}
