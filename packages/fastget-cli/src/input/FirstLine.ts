/**
 * The first line of a text that is not empty: it tells the format, and it may
 * come in many pieces.
 */

/** The longest line that is waited for, in bytes; of a longer one only the start is looked at. */
const longest = 1024 * 1024

const LineFeed = 10

/** White space, and the bytes of a byte order mark. */
const isBlank = (byte: number): boolean =>
  byte === 32 || (byte >= 9 && byte <= 13) || byte === 0xef || byte === 0xbb || byte === 0xbf

/**
 * A function to be called with the pieces of a text, in order. It is true once `wanted` whole lines that are not empty
 * have come, or so many bytes that no more are waited for.
 */
export const scanner = (wanted: number): (piece: Buffer) => boolean => {
  let size = 0
  let lines = 0
  let begun = false
  return (piece) => {
    size += piece.length
    for (let at = 0; at < piece.length && lines < wanted;) {
      if (!begun) {
        const from = piece.subarray(at).findIndex((byte) => !isBlank(byte))
        if (from < 0) break
        begun = true
        at += from
      }
      const end = piece.indexOf(LineFeed, at)
      if (end < 0) break
      begun = false
      lines++
      at = end + 1
    }
    return lines >= wanted || size >= longest
  }
}

/** The first line at the start of a text, without its line break and without white space before it. */
export const of = (start: Buffer): Buffer => {
  const from = start.findIndex((byte) => !isBlank(byte))
  const line = from < 0 ? start.subarray(0, 0) : start.subarray(from)
  const end = line.indexOf(LineFeed)
  return end < 0 ? line : line.subarray(0, end)
}
