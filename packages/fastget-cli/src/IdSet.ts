/**
 * A set of texts that takes little memory, for ten million ids and more. Whole
 * numbers are single bits. Of other texts only a fingerprint of 96 bits is kept:
 * two of ten million ids have the same one with a probability of 10^-15.
 */

export interface IdSet {
  /** Adds an id; true if it is new. A number and its text are the same. */
  readonly add: (id: string | number) => boolean
  readonly has: (id: string | number) => boolean
  readonly size: () => number
}

export const make = (): IdSet => {
  const numbers = makeBits()
  const fingerprints = makeFingerprints()
  return {
    add: (id) => {
      const number = toNumber(id)
      return number < 0 ? fingerprints.add(String(id)) : numbers.add(number)
    },
    has: (id) => {
      const number = toNumber(id)
      return number < 0 ? fingerprints.has(String(id)) : numbers.has(number)
    },
    size: () => numbers.size() + fingerprints.size()
  }
}

const maxWord = 2 ** 32

/** The number an id is, as `String` would write it, or -1. */
const toNumber = (id: string | number): number =>
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

/** The place of a fingerprint in a table, or the free one where it belongs. */
const find = (table: Uint32Array, a: number, b: number, c: number): number => {
  let place = (a & table.length / 3 - 1) * 3
  while (true) {
    const first = table[place]!
    if (first === 0 || (first === a && table[place + 1] === b && table[place + 2] === c)) return place
    place += 3
    if (place === table.length) place = 0
  }
}

/** Fingerprints in open addressing: 12 bytes each, at most 7 of 10 places taken. */
const makeFingerprints = () => {
  let capacity = 1024
  let table = new Uint32Array(capacity * 3)
  let size = 0
  const print = new Uint32Array(3)

  const grow = () => {
    const larger = new Uint32Array(table.length * 2)
    for (let at = 0; at < table.length; at += 3) {
      const a = table[at]!
      if (a === 0) continue
      const place = find(larger, a, table[at + 1]!, table[at + 2]!)
      larger[place] = a
      larger[place + 1] = table[at + 1]!
      larger[place + 2] = table[at + 2]!
    }
    table = larger
    capacity *= 2
  }

  return {
    size: () => size,
    has: (text: string): boolean => {
      fingerprint(text, print)
      return table[find(table, print[0]!, print[1]!, print[2]!)] !== 0
    },
    add: (text: string): boolean => {
      fingerprint(text, print)
      const place = find(table, print[0]!, print[1]!, print[2]!)
      if (table[place] !== 0) return false
      table.set(print, place)
      if (++size > capacity * 0.7) grow()
      return true
    }
  }
}

const rotate = (word: number, by: number): number => word << by | word >>> 32 - by

const finish = (word: number): number => {
  let mixed = word
  mixed = Math.imul(mixed ^ mixed >>> 16, 0x85ebca6b)
  mixed = Math.imul(mixed ^ mixed >>> 13, 0xc2b2ae35)
  return mixed ^ mixed >>> 16
}

/** Three lanes that take in each other. The first word is never 0, which marks a free place. */
const fingerprint = (text: string, into: Uint32Array): void => {
  let a = 0x9e3779b9 ^ text.length
  let b = 0x7f4a7c15
  let c = 0x2545f491
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(rotate(a ^ Math.imul(code, 0xcc9e2d51), 13) + b | 0, 0x1b873593)
    b = Math.imul(rotate(b ^ Math.imul(code, 0x85ebca77), 17) + c | 0, 0x38b34ae5)
    c = Math.imul(rotate(c ^ Math.imul(code, 0x27d4eb2f), 15) + a | 0, 0xa1e38b93)
  }
  const sum = finish(a) + finish(b ^ 0x5bd1e995) + finish(c ^ 0x165667b1)
  into[0] = finish(sum + a) || 1
  into[1] = finish(sum + Math.imul(b, 5))
  into[2] = finish(sum + Math.imul(c, 9))
}
