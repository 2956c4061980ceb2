/**
 * Which headers a user may give. A name and a value go in; what is wrong with
 * them comes out, or nothing. No value is ever repeated, and of what is no name
 * only as much as surely is none of a secret.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"

const connection = "the client keeps its connections itself"
const body = "it is about the body of a request, and a GET has none"
const upgrade = "the client changes to no other protocol"

/** Headers that are the client's to set. With them undici refuses the request, or leaves them out, or lies. */
const ofTheClient: ReadonlyMap<string, string> = new Map([
  ["connection", connection],
  ["keep-alive", connection],
  ["proxy-connection", connection],
  ["te", connection],
  ["upgrade", upgrade],
  ["http2-settings", upgrade],
  ["transfer-encoding", body],
  ["content-length", body],
  ["trailer", body],
  ["expect", body],
  // An object has no place for it.
  ["__proto__", "JavaScript gives this name another meaning"]
])

const notInName = /[^!#$%&'*+.^_`|~0-9A-Za-z-]/
// Visible Latin-1, spaces and tabs are allowed: no CR, LF or NUL can end a header early.
const notInValue = /[^\t\x20-\x7e\x80-\xff]/

const characters: Readonly<Record<string, string>> = {
  "\0": "a NUL",
  "\n": "a line feed",
  "\r": "a carriage return",
  "\t": "a tab",
  " ": "a space",
  ":": "a colon"
}

const characterAt = (text: string, index: number): string => {
  const character = text[index]!
  const beyond = character > "\xff" ? "a character beyond Latin-1" : "a control character"
  return characters[character] ?? (character > " " && character < "\x7f" ? character : beyond)
}

/** What is wrong with a name, if something is. It is shown up to where it is no name any more. */
const problemOfName = (name: string): string | undefined => {
  if (name === "") return "a header has no name"
  if (/^:[a-z]+$/.test(name)) return `"${name}" is a pseudo-header of HTTP/2, which the client makes of the URL`
  const bad = name.search(notInName)
  if (bad >= 0) {
    return `the name that begins with ${JSON.stringify(name.slice(0, bad))} has ${characterAt(name, bad)} in it`
  }
  const why = ofTheClient.get(name.toLowerCase())
  return why === undefined ? undefined : `${JSON.stringify(name)} can't be set: ${why}`
}

/**
 * What is wrong with a header, if something is.
 *
 * @since 0.1.0
 * @category checks
 */
export const problemOf = (name: string, value: unknown): string | undefined => {
  const problem = problemOfName(name)
  if (problem !== undefined) return problem
  const plain = Redacted.isRedacted(value)
    // One that was wiped, or came from another thread, has no value.
    ? Either.getOrUndefined(Either.try(() => Redacted.value(value)))
    : value
  if (typeof plain !== "string") return `the value of ${JSON.stringify(name)} is no text`
  const bad = plain.search(notInValue)
  return bad < 0 ? undefined : `the value of ${JSON.stringify(name)} has ${characterAt(plain, bad)} in it`
}

/**
 * What is wrong with headers, if something is: the first problem.
 *
 * @since 0.1.0
 * @category checks
 */
export const problem = (headers: unknown): string | undefined => {
  if (typeof headers !== "object" || headers === null) return "they are no object of names and values"
  // Their entries are not their properties: they would be lost.
  if (Predicate.isIterable(headers)) return "they are a list: give an object, such as Object.fromEntries makes of it"
  for (const [name, value] of Object.entries(headers)) {
    const problem = problemOf(name, value)
    if (problem !== undefined) return problem
  }
  return undefined
}
