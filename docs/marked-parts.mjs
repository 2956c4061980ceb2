/**
 * The parts of the documents that are made of the code: tables, and what stands
 * between two markers, `<!-- name:begin -->` and `<!-- name:end -->`.
 */
import * as Fs from "node:fs"

/** A table of rows of cells, the head first; padded, as the formatter does it. */
export const table = (rows) => {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")))
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`
  return [line(cells[0]), line(widths.map((width) => "-".repeat(width))), ...cells.slice(1).map(line)].join("\n")
}

/**
 * Puts the parts, by name, between their markers in a document of this folder.
 * With `--check` it writes nothing, and fails if one is not up to date;
 * `command` then says how it is made again.
 */
export const update = (document, parts, command) => {
  const file = new URL(document, import.meta.url)
  const text = Fs.readFileSync(file, "utf8")
  const updated = Object.entries(parts).reduce((text, [name, part]) => {
    const begin = `<!-- ${name}:begin -->`
    const end = `<!-- ${name}:end -->`
    const [before, rest] = text.split(begin)
    const after = rest?.split(end)[1]
    if (after === undefined) throw new Error(`docs/${document} has no ${begin} followed by ${end}`)
    return `${before}${begin}\n\n${part}\n\n${end}${after}`
  }, text)
  if (updated === text) return
  if (process.argv.includes("--check")) {
    process.stderr.write(`docs/${document} is stale. Run ${command}\n`)
    process.exitCode = 1
  } else Fs.writeFileSync(file, updated)
}
