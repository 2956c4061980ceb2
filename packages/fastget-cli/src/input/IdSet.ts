/**
 * A set of texts that takes little memory, for ten million ids and more. Whole
 * numbers are single bits. Of other texts a digest of 128 bits is kept (the first
 * half of SHA-256); no two texts with the same digest can be made.
 */
import * as Digest from "./Digest.js"
import * as DigestTable from "./DigestTable.js"

export interface IdSet {
  /** Adds an id; true if it is new. A number and its text are the same. */
  readonly add: (id: string | number) => boolean
  readonly has: (id: string | number) => boolean
  readonly size: () => number
}

export const make = (): IdSet => {
  const numbers = makeBits()
  const texts = makeTexts()
  return {
    add: (id) => {
      const number = toNumber(id)
      return number < 0 ? texts.add(String(id)) : numbers.add(number)
    },
    has: (id) => {
      const number = toNumber(id)
      return number < 0 ? texts.has(String(id)) : numbers.has(number)
    },
    size: () => numbers.size() + texts.size()
  }
}

const maxWord = 2 ** 32

/** The number an id is, as `String` would write it, or -1. */
export const toNumber = (id: string | number): number =>
  typeof id === "string" ? readNumber(id) : Number.isInteger(id) && id >= 0 && id < maxWord ? id : -1

const readNumber = (text: string): number => {
  const first = text.charCodeAt(0)
  if (text.length > 10 || !(first >= 48 && first <= 57)) return -1
  if (first === 48) return text.length === 1 ? 0 : -1
  let number = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (!(digit >= 0 && digit <= 9)) return -1
    number = number * 10 + digit
  }
  return number < maxWord ? number : -1
}

const pageBits = 65_536

/** Bits in pages, so that few numbers take few pages: at most 512 MiB for all of them. */
const makeBits = () => {
  const pages = new Map<number, Uint32Array>()
  let size = 0
  const has = (number: number): boolean => {
    const page = pages.get(Math.floor(number / pageBits))
    const bit = number % pageBits
    return page !== undefined && (page[bit >>> 5]! & 1 << (bit & 31)) !== 0
  }
  return {
    has,
    size: () => size,
    add: (number: number): boolean => {
      const index = Math.floor(number / pageBits)
      let page = pages.get(index)
      if (page === undefined) pages.set(index, page = new Uint32Array(pageBits / 32))
      const bit = number % pageBits
      if ((page[bit >>> 5]! & 1 << (bit & 31)) !== 0) return false
      page[bit >>> 5]! |= 1 << (bit & 31)
      size++
      return true
    }
  }
}

const makeTexts = () => {
  const table = DigestTable.make()
  const digest = Digest.make()
  const isIn = (text: string): boolean => {
    Digest.of(text, digest)
    return table.find(digest, 1, 1) >= 0
  }
  return {
    has: isIn,
    size: table.size,
    add: (text: string): boolean => {
      if (isIn(text)) return false
      table.insert(digest, 1)
      return true
    }
  }
}
