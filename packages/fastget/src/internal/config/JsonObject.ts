/**
 * A JSON object from a text that people write: the value comes out with the line
 * of each of its names, or the line of what is wrong. A name that is there twice
 * is wrong, too, where `JSON.parse` would keep one of the two.
 */
import * as Either from "effect/Either"

export interface JsonObject {
  readonly value: Readonly<Record<string, unknown>>
  /** The line of each name of the outermost object. */
  readonly lines: ReadonlyMap<string, number>
}

/** What is wrong, as the end of a sentence, and where. */
export interface Fault {
  readonly line: number
  readonly problem: string
}

/** A mark, a string, or a number or word; after spaces. */
const token = /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|([^{}[\],:"\s]+)|(.))?/sy

interface Token {
  readonly kind: "mark" | "string" | "word" | "end"
  readonly text: string
  readonly line: number
}

/** Thrown within this module only. */
class Wrong extends Error {
  constructor(readonly line: number, readonly problem: string) {
    super(problem)
  }
}

/** Recursive descent over the tokens of a text. */
class Parser {
  readonly lines = new Map<string, number>()
  private next: Token
  private line = 1
  private depth = 0

  constructor(private readonly text: string) {
    token.lastIndex = text.startsWith("\uFEFF") ? 1 : 0
    this.next = this.read()
  }

  parse(): Readonly<Record<string, unknown>> {
    if (this.next.text !== "{") this.fail("an object is expected, { … }")
    const value = this.value() as Readonly<Record<string, unknown>>
    if (this.next.kind !== "end") this.fail(`${this.shown()} is behind its end`)
    return value
  }

  private read(): Token {
    const from = token.lastIndex
    const [all = "", mark, string, word, other] = token.exec(this.text) ?? []
    const text = mark ?? string ?? word ?? other ?? ""
    this.line += newlines(all) - newlines(text)
    const { line } = this
    this.line += newlines(text)
    if (text === "") token.lastIndex = from
    return {
      kind: mark !== undefined ? "mark" : string !== undefined ? "string" : text === "" ? "end" : "word",
      text,
      line
    }
  }

  private take(): Token {
    const taken = this.next
    this.next = this.read()
    return taken
  }

  private value(): unknown {
    if (this.next.text === "{") return this.object()
    if (this.next.text === "[") return this.list()
    if (this.next.kind === "mark" || this.next.kind === "end") this.fail(`a value is expected, and not ${this.shown()}`)
    return this.scalar()
  }

  private scalar(): unknown {
    try {
      const value: unknown = JSON.parse(this.next.text)
      this.take()
      return value
    } catch {
      return this.fail(this.next.text === "\"" ? "a quote is never closed" : `${this.shown()} is no JSON`)
    }
  }

  private object(): object {
    const value: Record<string, unknown> = {}
    this.inside("}", () => {
      if (this.next.kind !== "string") this.fail(`a name in quotes is expected, and not ${this.shown()}`)
      const { line } = this.next
      const name = this.scalar() as string
      if (Object.hasOwn(value, name)) this.fail(`${JSON.stringify(name)} is there twice`, line)
      if (this.depth === 1) this.lines.set(name, line)
      if (this.next.text !== ":") this.fail(`a colon is expected, and not ${this.shown()}`)
      this.take()
      // As an own property also where it is called __proto__.
      Object.defineProperty(value, name, { value: this.value(), enumerable: true, configurable: true, writable: true })
    })
    return value
  }

  private list(): ReadonlyArray<unknown> {
    const values: Array<unknown> = []
    this.inside("]", () => values.push(this.value()))
    return values
  }

  /** The members between two brackets, with commas between them. */
  private inside(end: string, member: () => void): void {
    this.take()
    if (++this.depth > 100) this.fail("it is nested too deep")
    let isFirst = true
    while (this.next.text !== end) {
      if (!isFirst && this.next.text !== ",") this.fail(`a comma or ${end} is expected, and not ${this.shown()}`)
      if (!isFirst) this.take()
      isFirst = false
      member()
    }
    this.depth--
    this.take()
  }

  private shown(): string {
    return this.next.kind === "end" ? "the end" : this.next.text.slice(0, 40).replaceAll(/\s+/g, " ")
  }

  private fail(problem: string, line = this.next.line): never {
    throw new Wrong(line, problem)
  }
}

const newlines = (text: string): number => text.split("\n").length - 1

/** Reads a text that is to hold one JSON object. */
export const parse = (text: string): Either.Either<JsonObject, Fault> => {
  try {
    const parser = new Parser(text)
    const value = parser.parse()
    return Either.right({ value, lines: parser.lines })
  } catch (error) {
    if (!(error instanceof Wrong)) throw error
    return Either.left({ line: error.line, problem: error.problem })
  }
}
