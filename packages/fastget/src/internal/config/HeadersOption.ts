/**
 * The option `headers`: names and values in, the same with names in small
 * letters and secrets in the clear out. A text has one `name: value` a line.
 */
import * as Config from "effect/Config"
import * as Redacted from "effect/Redacted"
import * as OptionField from "../../platform/OptionField.js"
import * as RequestHeaders from "../../platform/RequestHeaders.js"
import * as CallerHeaders from "../base/CallerHeaders.js"

/** Headers by name. A secret may be `Redacted`. */
export interface Headers {
  readonly [name: string]: string | Redacted.Redacted<string>
}

const parse = (headers: Headers): Readonly<Record<string, string>> | undefined => {
  if (RequestHeaders.problem(headers) !== undefined) return undefined
  const parsed: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const plain = Redacted.isRedacted(value) ? Redacted.value(value) : value
    parsed[name.toLowerCase()] = plain
  }
  return parsed
}

const config = (name: string): Config.Config<Headers> =>
  Config.map(Config.redacted(name), (lines) => {
    // Without a prototype, so that every name is one of its own.
    const headers: Record<string, string | Redacted.Redacted<string>> = Object.create(null)
    for (const line of Redacted.value(lines).split("\n")) {
      if (line.trim() === "") continue
      const colon = line.indexOf(":")
      const name = line.slice(0, Math.max(colon, 0)).trim()
      const value = line.slice(colon + 1).trim()
      // Those that may go to another origin are left plain: a Redacted one would stay behind at a redirect.
      headers[name] = CallerHeaders.isHarmless(name) ? value : Redacted.make(value)
    }
    return headers
  })

export const headers = <S extends OptionField.Scope>(options: { readonly scope: S; readonly description: string }) =>
  OptionField.field<Headers, Readonly<Record<string, string>>, S>({
    ...options,
    default: {},
    range: "names and values as HTTP allows them, without CR, LF or NUL, and none that only the client may set",
    redactedAs: "the given headers",
    parse,
    problem: RequestHeaders.problem,
    config
  })

/** The names of headers that are `Redacted`, with those that were so before and are not given anew. */
export const secretNames = (headers: Headers = {}, before: ReadonlyArray<string> = []): ReadonlyArray<string> => {
  const given = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  return [
    ...before.filter((name) => !given.some(([other]) => other === name)),
    ...given.filter(([, value]) => Redacted.isRedacted(value)).map(([name]) => name)
  ]
}
