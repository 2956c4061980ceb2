/**
 * The command line that resumes a run, for the summary. A header that
 * holds its value in the clear is not repeated, and no password of a cluster.
 */
import type { Argument } from "./Arguments.js"
import * as ClusterUrl from "./ClusterUrl.js"

const quote = (argument: string): string =>
  /^[\w./:=,@%+-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`

const withoutSecret = (header: string): string =>
  header.includes("${") || !header.includes(":") ? header : `${header.slice(0, header.indexOf(":"))}: ***`

const textsOf = (argument: Argument): ReadonlyArray<string> => {
  if (argument._tag === "File") return [argument.name]
  if (argument._tag === "Bad") return []
  const { flag, joined } = argument
  const value = argument.value === undefined ? undefined : shown(flag, argument.value)
  return value === undefined ? [flag] : joined ? [`${flag}=${value}`] : [flag, value]
}

const shown = (flag: string, value: string): string =>
  flag === "--cluster" ? ClusterUrl.redact(value) : flag === "-H" || flag === "--header" ? withoutSecret(value) : value

const isFlag = (...flags: ReadonlyArray<string>) => (argument: Argument): boolean =>
  argument._tag === "Option" && flags.includes(argument.flag)

/** Makes sense only where the output is a file. */
export const command = (given: ReadonlyArray<Argument>): string => {
  const isOverwrite = isFlag("--overwrite")
  const goesOn = given.some(isFlag("--resume", "--retry-failed"))
  const kept = given.filter((argument) => !isOverwrite(argument)).flatMap(textsOf)
  return ["fastget", ...kept, ...(goesOn ? [] : ["--resume"])].map(quote).join(" ")
}
