/**
 * Options that are objects with parts of their own: whether a value is such an
 * object, and which of its parts does not exist.
 *
 * @since 0.1.0
 */
import { perhaps } from "./Nearest.js"

/**
 * Whether a value may have parts. A list, a map or a date has none that are read.
 *
 * @since 0.1.0
 * @category guards
 */
export const isObject = (value: unknown): value is object => Object.prototype.toString.call(value) === "[object Object]"

/**
 * What a value is that has no parts; not which, since it may be a secret.
 *
 * @since 0.1.0
 * @category conversions
 */
export const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return "a list"
  if (typeof value === "string") return "a text"
  return typeof value === "object" ? "an object of its own kind" : `a ${typeof value}`
}

/**
 * A part that does not exist, as the end of a sentence; `undefined` where all of
 * them do. `and` stands between the names of those there are.
 *
 * @since 0.1.0
 * @category guards
 */
export const unknown = (value: object, parts: ReadonlyArray<string>, and = ", "): string | undefined => {
  const name = Object.keys(value).find((key) => !parts.includes(key))
  return name === undefined
    ? undefined
    : `has no ${JSON.stringify(name)}, but ${parts.join(and)}${perhaps(name, parts)}`
}
