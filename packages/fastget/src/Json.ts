/**
 * What `JSON.parse` can return, as a type, and the one function that makes it
 * from the bytes of a body. A body comes in; a value or a `Decode` reason goes
 * out. Nothing is held.
 *
 * @since 0.1.0
 */
import * as Either from "effect/Either"
import type { Decode } from "./Reason.js"

/**
 * Any JSON value. Arrays and objects are read-only.
 *
 * @since 0.1.0
 * @category models
 */
export type Json = null | boolean | number | string | JsonArray | JsonObject

/**
 * @since 0.1.0
 * @category models
 */
export interface JsonArray extends ReadonlyArray<Json> {}

/**
 * @since 0.1.0
 * @category models
 */
export interface JsonObject {
  readonly [key: string]: Json
}

/**
 * The deepest nesting of arrays and objects a body may have. Deeper values
 * overflow the stack of whoever walks them (`JSON.stringify`, a clone, a
 * Schema), so they are refused where they arrive.
 *
 * @since 0.1.0
 * @category constants
 */
export const maxDepth = 1000

const utf8 = new TextDecoder("utf-8", { fatal: true })

/**
 * Decodes bytes as UTF-8 and refuses what is not. A byte order mark is dropped.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decodeText = (bytes: Uint8Array): Either.Either<string, Decode> => {
  try {
    return Either.right(utf8.decode(bytes))
  } catch {
    return Either.left(failure("utf8", `in a body of ${bytes.length} bytes`))
  }
}

/**
 * Decodes bytes as one JSON value. Fails with `utf8`, `syntax` or `depth`; the
 * reason says where, and never repeats what the body held. An own `__proto__`
 * stays an own property, numbers beyond 2^53 lose digits, and of equal keys the
 * last one wins: as `JSON.parse` does it.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode = (bytes: Uint8Array): Either.Either<Json, Decode> => {
  const text = decodeText(bytes)
  if (text._tag === "Left") return Either.left(text.left)
  const tooDeep = checkDepth(bytes)
  return tooDeep === undefined ? parse(text.right) : Either.left(tooDeep)
}

/**
 * Why a body is nested too deep, if it is. Asked in the workers, so that the
 * one thread that parses for all of them need not walk each body twice.
 *
 * @since 0.1.0
 * @category decoding
 */
export const checkDepth = (bytes: Uint8Array): Decode | undefined => {
  const at = bytes.length > 2 * maxDepth && mayBeTooDeep(bytes) ? tooDeepAt(bytes) : -1
  return at < 0 ? undefined : failure("depth", `position ${at}`)
}

/**
 * Parses a text that is known not to be nested too deep. Fails with `syntax`.
 *
 * @since 0.1.0
 * @category decoding
 */
export const parse = (text: string): Either.Either<Json, Decode> => {
  try {
    return Either.right(JSON.parse(text) as Json)
  } catch (error) {
    return Either.left(failure("syntax", syntaxErrorPlace(error, text)))
  }
}

const failure = (problem: Decode["problem"], where: string): Decode => ({
  _tag: "Decode",
  problem,
  where
})

// The engine's message quotes the body, so only the position is taken from it.
const syntaxErrorPlace = (error: unknown, text: string): string => {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : "")
  if (position !== null) return `position ${position[1]}`
  if (text.trimStart().startsWith("<")) return "position 0, the body looks like HTML or XML"
  return `in a body of ${text.length} characters`
}

const Quote = 0x22
const Backslash = 0x5c
const OpenArray = 0x5b
const CloseArray = 0x5d
const OpenObject = 0x7b
const CloseObject = 0x7d

/**
 * Whether so many arrays and objects begin, in strings or not. A search by the platform costs a quarter of the walk:
 * 3 against 12 µs for a body of 10 KB.
 */
const mayBeTooDeep = (bytes: Uint8Array): boolean => {
  let opened = 0
  for (const open of [OpenArray, OpenObject]) {
    for (let at = bytes.indexOf(open); at >= 0; at = bytes.indexOf(open, at + 1)) {
      if (++opened > maxDepth) return true
    }
  }
  return false
}

const tooDeepAt = (bytes: Uint8Array): number => {
  let depth = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte === Quote) {
      for (i++; i < bytes.length && bytes[i] !== Quote; i++) if (bytes[i] === Backslash) i++
    } else if (byte === OpenArray || byte === OpenObject) {
      if (++depth > maxDepth) return i
    } else if (byte === CloseArray || byte === CloseObject) {
      depth--
    }
  }
  return -1
}
