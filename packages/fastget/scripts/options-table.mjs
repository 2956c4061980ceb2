/**
 * Writes the tables of options in docs/options.md, made of the fields of
 * `FastGetConfig` and of `NodeFastGet`. With `--check` it writes nothing, and
 * fails if the tables are not up to date. Build the packages first.
 */
import { table, update } from "../../../docs/marked-parts.mjs"
import { environmentName, fields } from "../../fastget-node/dist/NodeFastGet.js"
import { fields as common } from "../dist/FastGetConfig.js"

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

const head = ["Option", "Default", "Range", "Set on", "Environment", "Meaning"]

const optionTable = (entries) => table([head, ...entries.map(row)])

const parts = {
  options: optionTable(Object.entries(common)),
  client: optionTable(Object.entries(fields).filter(([name]) => !Object.hasOwn(common, name)))
}

update("options.md", parts, "node packages/fastget/scripts/options-table.mjs")
