/**
 * URLs made of ids: `https://api/x/{}` and `1..1000000`.
 */
import type { Id } from "./Row.js"

/** The URL of an id; `{}` may stand more than once. */
export const urlOf = (template: string): (id: Id) => string => {
  const parts = template.split("{}")
  return (id) => parts.join(encode(id))
}

const loneSurrogate = /\p{Surrogate}/gu

/** A lone surrogate can't be encoded: it becomes what a decoder would make of it. */
const encode = (id: Id): string => encodeURIComponent(String(id).replace(loneSurrogate, "\ufffd"))

export interface Range {
  readonly from: number
  readonly to: number
}

/** `1..1000`; undefined where it is no range of whole numbers, or an empty one. */
export const parseRange = (text: string): Range | undefined => {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(text.replaceAll("_", "")) ?? []
  const range = { from: Number(from), to: Number(to) }
  return Number.isSafeInteger(range.from) && Number.isSafeInteger(range.to) && range.from <= range.to
    ? range
    : undefined
}
