/**
 * What is said of an argument that looks like an option and was taken for none:
 * there is no such option, or it stands without its value, or twice.
 */
import { nearest } from "fastget/Nearest"
import * as Flag from "./Flag.js"
import * as Flags from "./Flags.js"
import * as LibraryFlags from "./LibraryFlags.js"

const names: ReadonlyMap<string, Flag.Flag> = new Map(
  Object.entries<Flag.Flag>({ ...Flags.all, ...LibraryFlags.all }).flatMap(([name, flag]) => [
    [`--${Flag.optionName(name)}`, flag],
    ...(flag.alias === undefined ? [] : [[`-${flag.alias}`, flag] as const])
  ])
)

export const message = (argument: string): string => {
  const [name = ""] = argument.split("=", 1)
  const flag = names.get(name)
  if (flag === undefined) {
    const meant = name.startsWith("--") ? nearest(name, [...names.keys()].filter((name) => name.length > 2)) : undefined
    return `There is no option ${name}${meant === undefined ? "" : `; perhaps ${meant} was meant`}`
  }
  return flag.value === undefined
    ? `${name} takes no value, and is given once`
    : `${name} takes a value${flag.repeated === true ? "" : ", and is given once"}`
}
