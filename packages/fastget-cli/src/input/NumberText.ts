/**
 * Numbers as JSON has them written: whether JavaScript reads one without losing
 * a digit. That is for the text to tell, because 9007199254740993 and 1e400 are
 * 9007199254740992 and Infinity once they are read.
 */

/** What JavaScript can't hold has 16 digits or an exponent; no other text needs to be looked at. */
const isRisky = /\d[\d.]{15}|\d[eE]/

/**
 * Whether a field of an object is the number that its text says. `text` is the
 * object's and valid, `value` is what was read from it.
 */
export const isExact = (text: string, name: string, value: number): boolean => {
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) return false
  if (!isRisky.test(text)) return true
  const written = textOf(text, name)
  return written !== undefined && normal(written) === normal(String(value))
}

/** The text of a number in an object; of equal names the last one counts, as for `JSON.parse`. */
const textOf = (text: string, name: string): string | undefined => {
  let depth = 0
  let found: string | undefined
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === "{" || char === "[") depth++
    else if (char === "}" || char === "]") depth--
    else if (char === "\"") {
      const end = endOfString(text, at)
      if (depth === 1 && JSON.parse(text.slice(at, end)) === name) found = numberAfter(text, end) ?? found
      at = end - 1
    }
  }
  return found
}

/** The index after the closing quote of a string. */
const endOfString = (text: string, from: number): number => {
  for (let at = from + 1;; at++) {
    if (text[at] === "\\") at++
    else if (text[at] === "\"") return at + 1
  }
}

const value = /\s*:\s*(-?[\d.eE+-]+)/y

const numberAfter = (text: string, at: number): string | undefined => {
  value.lastIndex = at
  return value.exec(text)?.[1]
}

/** A number's digits and its exponent, one form for all that are equal: 1.50e3 is 15e2. */
const normal = (text: string): string => {
  const [, sign, whole, part = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)!
  const digits = (whole! + part).replace(/^0+/, "")
  if (digits === "") return "0"
  let end = digits.length
  while (digits[end - 1] === "0") end--
  return `${sign}${digits.slice(0, end)}e${Number(exponent) - part.length + digits.length - end}`
}
