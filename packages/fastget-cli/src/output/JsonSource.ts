/**
 * The values at some paths of a JSON text, as they stand in the text: a number
 * keeps its digits, an object its spaces, its order and its equal keys. The text
 * has been parsed before, so it is known to be JSON; here it is read once, from
 * its beginning to its end.
 */

export type Path = ReadonlyArray<string>

/** Paths that begin alike, as a tree. */
interface Node {
  /** The paths that end here. */
  readonly ends: Array<number>
  /** The paths that end here or below. */
  readonly within: Array<number>
  readonly members: Map<string, Node>
  /** The same by index, for arrays. */
  readonly items: Map<number, Node>
}

const emptyNode = (): Node => ({ ends: [], within: [], members: new Map(), items: new Map() })

const treeOf = (paths: ReadonlyArray<Path>): Node => {
  const root = emptyNode()
  paths.forEach((path, index) => {
    let node = root
    for (const step of path) {
      node.within.push(index)
      let next = node.members.get(step)
      if (next === undefined) {
        node.members.set(step, next = emptyNode())
        if (/^(?:0|[1-9]\d{0,9})$/.test(step)) node.items.set(Number(step), next)
      }
      node = next
    }
    node.within.push(index)
    node.ends.push(index)
  })
  return root
}

const Quote = 0x22
const Comma = 0x2c
const Space = 0x20
const Backslash = 0x5c
const OpenArray = 0x5b
const CloseArray = 0x5d
const OpenObject = 0x7b
const CloseObject = 0x7d

/**
 * Reads a text for the values at these paths, in their order; undefined where
 * there is none. Of equal keys the last one counts, as for `JSON.parse`.
 */
export const reader = (paths: ReadonlyArray<Path>): (json: string) => ReadonlyArray<string | undefined> => {
  const root = treeOf(paths)
  return (json) => {
    const found = paths.map((): string | undefined => undefined)
    new Reader(json, found).value(0, root)
    return found
  }
}

const shortString = 32

/** Reads one text. Every method takes the index where something begins and gives the index after its end. */
class Reader {
  constructor(private readonly json: string, private readonly found: Array<string | undefined>) {}

  /** Parses as deep as the paths lead, and passes over what lies deeper. */
  value(from: number, node: Node): number {
    const start = this.space(from)
    const first = this.json.charCodeAt(start)
    const end = node.members.size > 0 && first === OpenObject
      ? this.object(start, node)
      : node.items.size > 0 && first === OpenArray
      ? this.array(start, node)
      : this.pass(start)
    if (node.ends.length > 0) {
      const source = this.json.slice(start, end)
      for (const index of node.ends) this.found[index] = source
    }
    return end
  }

  private object(from: number, node: Node): number {
    let at = this.space(from + 1)
    while (this.json.charCodeAt(at) !== CloseObject) {
      const end = this.string(at)
      const member = node.members.get(textOf(this.json.slice(at, end)))
      // After the key comes a colon.
      const value = this.space(end) + 1
      if (member === undefined) at = this.pass(this.space(value))
      else {
        // Values of an equal key that came before are dropped: the last one counts.
        for (const index of member.within) this.found[index] = undefined
        at = this.value(value, member)
      }
      at = this.next(at)
    }
    return at + 1
  }

  private array(from: number, node: Node): number {
    let at = this.space(from + 1)
    let left = node.items.size
    for (let index = 0; this.json.charCodeAt(at) !== CloseArray; index++) {
      // No path leads to the items after it.
      if (left === 0) return this.rest(at, 1)
      const item = node.items.get(index)
      if (item !== undefined) left--
      at = this.next(item === undefined ? this.pass(at) : this.value(at, item))
    }
    return at + 1
  }

  /** The index after the comma behind a member, if there is one. */
  private next(from: number): number {
    const at = this.space(from)
    return this.json.charCodeAt(at) === Comma ? this.space(at + 1) : at
  }

  private space(from: number): number {
    let at = from
    while (this.json.charCodeAt(at) <= Space) at++
    return at
  }

  /** The index after a value that no path leads to. */
  private pass(from: number): number {
    switch (this.json.charCodeAt(from)) {
      case Quote:
        return this.string(from)
      case OpenArray:
      case OpenObject:
        return this.rest(from + 1, 1)
      default:
        return this.scalar(from)
    }
  }

  /** The index after the end of `open` arrays and objects. */
  private rest(from: number, open: number): number {
    const { json } = this
    let at = from
    for (let depth = open; depth > 0;) {
      const code = json.charCodeAt(at)
      if (code === Quote) {
        at = this.string(at)
        continue
      }
      // Brackets and braces differ in this one bit, so that both are counted as one.
      const brace = code | 0x20
      if (brace === OpenObject) depth++
      else if (brace === CloseObject) depth--
      at++
    }
    return at
  }

  private string(from: number): number {
    const { json } = this
    let at = from + 1
    // Most strings are short, and for these a loop is faster than the start of indexOf.
    for (const near = from + shortString; at < near; at++) {
      const code = json.charCodeAt(at)
      if (code === Quote) return at + 1
      if (code === Backslash) at++
    }
    while (true) {
      at = json.indexOf("\"", at)
      let before = at
      while (json.charCodeAt(before - 1) === Backslash) before--
      at++
      // Backslashes that are not in pairs escape the quote.
      if ((at - 1 - before) % 2 === 0) return at
    }
  }

  /** A number, or `true`, `false`, `null`. */
  private scalar(from: number): number {
    let at = from
    while (at < this.json.length && isOfScalar(this.json.charCodeAt(at))) at++
    return at
  }
}

const isOfScalar = (code: number): boolean =>
  code > Space && code !== Comma && code !== CloseArray && code !== CloseObject

/** Without line breaks: in JSON they are never part of a string, so that removing them changes no value. */
export const onOneLine = (json: string): string =>
  json.includes("\n") || json.includes("\r") ? json.replace(/[\n\r][\t\n\r ]*/g, "") : json

/** The text of a string of JSON, unescaped. */
export const textOf = (source: string): string =>
  source.includes("\\") ? JSON.parse(source) as string : source.slice(1, -1)
