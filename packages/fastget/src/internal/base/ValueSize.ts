/**
 * About how many bytes a value takes that a thread can be sent. Used for the
 * values of a worker's own `decode`, which are held as they are.
 *
 * @since 0.1.0
 */
import * as Predicate from "effect/Predicate"

/** For an object, an array or another thing with parts. */
const objectBytes = 32
/** For a place in one of them. */
const slotBytes = 8

/**
 * The estimate: text by its length, binary data by its size, all else by the
 * number of its parts. What occurs more than once counts once.
 *
 * @since 0.1.0
 * @category accessors
 */
export const estimate = (value: unknown): number => {
  const seen = new Set<object>()
  // A list and not a recursion: values may be nested as deep as a clone allows.
  const left: Array<unknown> = [value]
  let bytes = 0
  while (left.length > 0) {
    const part = left.pop()
    bytes += slotBytes
    if (typeof part === "string") bytes += part.length
    if (!Predicate.isObject(part) || typeof part === "function" || seen.has(part)) continue
    seen.add(part)
    bytes += objectBytes
    if (ArrayBuffer.isView(part)) left.push(part.buffer)
    else if (part instanceof ArrayBuffer) bytes += part.byteLength
    else if (part instanceof Map) { for (const [key, item] of part) left.push(key, item) }
    else if (part instanceof Set) { for (const item of part) left.push(item) }
    else for (const item of Object.values(part)) left.push(item)
  }
  return bytes
}
