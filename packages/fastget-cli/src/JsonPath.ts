/**
 * The paths of `--select`: `name`, `address.city`, `tags[0]`, `["a.b"].c`,
 * `$.name`, and a name for the column: `city=address.city`.
 */
import type { Json } from "fastget/Json"

export interface Selection {
  readonly column: string
  readonly path: ReadonlyArray<string>
}

const step = /\.?([^.[\]"]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y

const parsePath = (text: string): ReadonlyArray<string> | undefined => {
  const steps: Array<string> = []
  const path = text.replace(/^\$\.?/, "")
  step.lastIndex = 0
  while (step.lastIndex < path.length) {
    const match = step.exec(path)
    if (match === null) return undefined
    steps.push(match[1] ?? match[2] ?? match[3]!.replace(/\\(.)/g, "$1"))
  }
  return steps
}

/** One path, with or without a name for its column; undefined where it is none. */
export const parse = (text: string): Selection | undefined => {
  const [, column, rest] = /^([^=[\]"]+)=(.*)$/.exec(text) ?? [undefined, text, text]
  const path = parsePath(rest!)
  return path === undefined || column === "" ? undefined : { column: column!, path }
}

/** The value at a path; undefined where there is none. */
export const get = (json: Json, path: ReadonlyArray<string>): Json | undefined => {
  let value: Json | undefined = json
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Readonly<Record<string, Json>>)[step]
  }
  return value
}
