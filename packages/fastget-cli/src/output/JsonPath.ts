/**
 * The paths of `--select`: `name`, `address.city`, `tags[0]`, `["a.b"].c`,
 * `$.name`, and a name for the column: `city=address.city`.
 */
export interface Selection {
  readonly column: string
  /** The path as it was given. */
  readonly text: string
  readonly path: ReadonlyArray<string>
}

/** What is between quotes is a string of JSON. */
const step = /\.?([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y

const stringOf = (json: string): string | undefined => {
  // An escape that JSON does not have makes it no path.
  try {
    return JSON.parse(json) as string
  } catch {
    return undefined
  }
}

const parsePath = (text: string): ReadonlyArray<string> | undefined => {
  if (text === "$") return []
  const steps: Array<string> = []
  // The root; not the first letter of a name such as $ref.
  const path = text.replace(/^\$(?=[.[])/, "")
  step.lastIndex = 0
  while (step.lastIndex < path.length) {
    const match = step.exec(path)
    const name = match === null ? undefined : match[1] ?? match[2] ?? stringOf(match[3]!)
    if (name === undefined) return undefined
    steps.push(name)
  }
  return steps.length === 0 ? undefined : steps
}

/** One path, with or without a name for its column; undefined where it is none. */
export const parse = (text: string): Selection | undefined => {
  const [, column, rest] = /^([^=[\]"]+)=(.*)$/s.exec(text) ?? [undefined, text, text]
  const pathText = rest!.trim()
  const path = parsePath(pathText)
  return path === undefined ? undefined : { column: column!.trim(), text: pathText, path }
}

/** A path up to its comma. One in brackets or quotes is part of it. */
const piece = /(?:[^,[]|\["(?:[^"\\]|\\.)*"\]|\[(?!")[^\]]*\])*/y

/** The texts of paths with commas between them, without the spaces around them; undefined where a bracket is not closed. */
export const split = (text: string): ReadonlyArray<string> | undefined => {
  const pieces: Array<string> = []
  for (let at = 0; at <= text.length; at = piece.lastIndex + 1) {
    piece.lastIndex = at
    const [found = ""] = piece.exec(text) ?? []
    if (piece.lastIndex < text.length && text[piece.lastIndex] !== ",") return undefined
    pieces.push(found.trim())
  }
  return pieces
}
