/**
 * Writes the parts of docs/cli.md that are made of the code: the examples, the
 * options and the exit codes. With `--check` it writes nothing, and fails if
 * they are not up to date. Build the package first.
 */
import { table, update } from "../../../docs/marked-parts.mjs"
import * as ExitCode from "../dist/ExitCode.js"
import * as Flag from "../dist/flags/Flag.js"
import * as Flags from "../dist/flags/Flags.js"
import * as LibraryFlags from "../dist/flags/LibraryFlags.js"
import * as Manual from "../dist/flags/Manual.js"

const code = (text) => `\`${text}\``

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

update("cli.md", parts, "node packages/fastget-cli/scripts/manual.mjs")
