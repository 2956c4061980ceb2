/**
 * Writes the parts of docs/cli.md that are made of the code: the examples, the
 * options and the exit codes. With `--check` it writes nothing, and fails if
 * they are not up to date. Build the package first.
 */
import * as Fs from "node:fs"
import * as ExitCode from "../dist/ExitCode.js"
import * as Flag from "../dist/flags/Flag.js"
import * as Flags from "../dist/flags/Flags.js"
import * as LibraryFlags from "../dist/flags/LibraryFlags.js"
import * as Manual from "../dist/flags/Manual.js"

const file = new URL("../../../docs/cli.md", import.meta.url)

const code = (text) => `\`${text}\``

/** Padded, as the formatter does it. */
const table = (rows) => {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")))
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`
  return [line(cells[0]), line(widths.map((width) => "-".repeat(width))), ...cells.slice(1).map(line)].join("\n")
}

const flagName = (name, { alias, choices, value }) => {
  const long = `--${Flag.optionName(name)}`
  const shown = choices === undefined ? value : choices.join("|")
  return code(`${alias === undefined ? "" : `-${alias}, `}${long}${shown === undefined ? "" : ` ${shown}`}`)
}

const group = ([title, flags]) =>
  `### ${title}\n\n${
    table([
      ["Option", "Meaning"],
      ...Object.entries(flags).map(([name, flag]) => [flagName(name, flag), flag.description])
    ])
  }`

const library = table([
  ["Option", "Environment", "Meaning"],
  ...Object.entries(LibraryFlags.all).map(([name, flag]) => [
    flagName(name, flag),
    code(flag.environment),
    flag.description
  ])
])

const parts = {
  examples: Manual.examples.map(([text, command]) => `${text}\n\n\`\`\`sh\n${command}\n\`\`\``).join("\n\n"),
  options: `${Object.entries(Flags.groups).map(group).join("\n\n")}\n\n### The library\n\n${library}`,
  "exit-codes": table([
    ["Code", "Meaning"],
    ...ExitCode.codes.map(([number, meaning]) => [code(String(number)), meaning])
  ])
}

const text = Fs.readFileSync(file, "utf8")
const updated = Object.entries(parts).reduce((text, [name, part]) => {
  const begin = `<!-- ${name}:begin -->`
  const end = `<!-- ${name}:end -->`
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`docs/cli.md has no ${begin} followed by ${end}`)
  return `${before}${begin}\n\n${part}\n\n${end}${after}`
}, text)

if (updated !== text) {
  if (process.argv.includes("--check")) {
    process.stderr.write("docs/cli.md is stale. Run node packages/fastget-cli/scripts/manual.mjs\n")
    process.exitCode = 1
  } else Fs.writeFileSync(file, updated)
}
