/**
 * Headers as undici gives them: names and values in turn, as bytes. Read where
 * they are wanted, because most answers need none of them.
 */
import * as FieldLines from "fastget/platform/FieldLines"

/** The value of a header, its lines joined as those of a list; `name` in lower case. */
export const header = (rawHeaders: ReadonlyArray<Buffer>, name: string): string | undefined => {
  let value: string | undefined
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const key = rawHeaders[i]!
    if (key.length === name.length && key.toString("latin1").toLowerCase() === name) {
      const line = rawHeaders[i + 1]!.toString("latin1")
      value = value === undefined ? line : `${value}, ${line}`
    }
  }
  return value
}

/** All of them as an object: names in lower case, values with a character for each byte. */
export const headersOf = (rawHeaders: ReadonlyArray<Buffer>): Record<string, string> => {
  const headers: Record<string, string> = Object.create(null)
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toString("latin1").toLowerCase()
    const value = rawHeaders[i + 1]!.toString("latin1")
    const before = headers[name]
    headers[name] = before === undefined ? value : FieldLines.add(name, before, value)
  }
  return headers
}
