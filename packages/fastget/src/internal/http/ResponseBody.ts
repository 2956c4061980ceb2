/**
 * The bytes of a response's body, from any client, and no more of them than are
 * wanted.
 */
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/**
 * Reads a body until it is longer than `limit`; what comes after that is cut off
 * with the connection.
 */
export const collect = (
  response: HttpClientResponse.HttpClientResponse,
  limit: number
): Effect.Effect<Uint8Array, unknown> =>
  Effect.suspend(() => {
    const parts: Array<Uint8Array> = []
    let size = 0
    return Stream.runForEachWhile(response.stream, (part) =>
      Effect.sync(() => {
        parts.push(part)
        size += part.length
        return size <= limit
      })).pipe(
        // Some clients say so when there is no body at all.
        Effect.catchIf((error) => error.reason === "EmptyBody", () => Effect.void),
        Effect.map(() => concat(parts, size))
      )
  })

/**
 * Whether a body has nothing in it: no bytes, or a byte order mark alone.
 * White space is something, and no JSON.
 */
export const isEmpty = (bytes: Uint8Array): boolean =>
  bytes.length === 0 || (bytes.length === 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)

/**
 * Closes a response without waiting for its body. Some clients would keep the
 * connection of one that nobody reads.
 */
export const discard = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<void> =>
  Effect.raceFirst(Effect.ignore(Stream.runDrain(response.stream)), Effect.yieldNow())

const concat = (parts: ReadonlyArray<Uint8Array>, size: number): Uint8Array => {
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(size)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
