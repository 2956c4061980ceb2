import { describe, expect, it } from "@effect/vitest"
import { BodyParts } from "../src/internal/client/BodyParts.js"

const partBytes = 65_536

/** A part as a socket gives it: all of a buffer of its own. */
const partOf = (n: number) => Buffer.from(new Uint8Array(partBytes).fill(n).buffer)

const join = (parts: ReadonlyArray<Buffer>, length: number | undefined) => {
  const body = new BodyParts(parts[0]!, length)
  for (const part of parts.slice(1)) body.add(part)
  return body.join()
}

/** Whether the part's memory is gone. */
const isFreed = ({ buffer }: Buffer) => buffer.byteLength === 0

describe("the parts of a body", () => {
  it("become one buffer of the length that was said, and are freed but for the last", () => {
    const parts = Array.from({ length: 16 }, (_, n) => partOf(n))
    const expected = Buffer.concat(parts)
    const body = join(parts, 16 * partBytes)
    expect(Buffer.compare(body, expected)).toBe(0)
    expect(body.buffer.byteLength).toBe(body.length)
    expect(parts.map(isFreed)).toEqual([...Array.from({ length: 15 }, () => true), false])
  })

  it("are freed when they are joined where no length is known", () => {
    const parts = [1, 2, 3].map(partOf)
    const expected = Buffer.concat(parts)
    expect(Buffer.compare(join(parts, undefined), expected)).toBe(0)
    expect(parts.map(isFreed)).toEqual([true, true, false])
  })

  it("are not freed where something else lies in their buffer", () => {
    const whole = Buffer.from(new ArrayBuffer(8 * partBytes))
    const parts = [0, 1, 2, 3].map((n) => whole.subarray(n * partBytes, (n + 1) * partBytes).fill(n))
    const expected = Buffer.concat(parts)
    expect(Buffer.compare(join(parts, 4 * partBytes), expected)).toBe(0)
    expect(Buffer.compare(Buffer.concat(parts), expected)).toBe(0)
  })

  it("are the body where its length was a lie", () => {
    for (const length of [1, 2.5 * partBytes, 2 ** 50, Number.NaN, -1]) {
      const parts = [1, 2, 3, 4, 5].map(partOf)
      const expected = Buffer.concat(parts)
      expect(Buffer.compare(join(parts, length), expected)).toBe(0)
    }
  })

  it("make a buffer for no more than eight times what has come", () => {
    const parts = Array.from({ length: 4 }, (_, n) => partOf(n))
    expect(join(parts, 64 * partBytes).buffer.byteLength).toBe(4 * partBytes)
  })
})
