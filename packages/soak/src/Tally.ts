/**
 * Checks each outcome against its id. Its memory does not grow with the answers:
 * a bit for each id, and counts.
 */
import * as Either from "effect/Either"
import type * as FetchError from "fastget/FetchError"
import type { Json } from "fastget/Json"
import * as Kind from "./Kind.js"

export interface Counts {
  /** Entries taken from the input. */
  readonly in: number
  /** Outcomes. */
  readonly out: number
  readonly twice: number
  /** Ids taken and without an outcome. */
  readonly lost: number
  readonly wrong: number
  /** The first few that were wrong, in words. */
  readonly wrongs: ReadonlyArray<string>
  /** Successes as "success", failures by their reason. */
  readonly byReason: Readonly<Record<string, number>>
}

const mostWrongs = 10

export class Tally {
  private readonly seen: Uint8Array
  private readonly byReason: Record<string, number> = {}
  private readonly wrongs: Array<string> = []
  private taken = 0
  private out = 0
  private distinct = 0
  private twice = 0
  private wrong = 0

  constructor(private readonly entries: number) {
    this.seen = new Uint8Array(Math.ceil(entries / 8))
  }

  /** The input: distinct URLs, made as they are taken. */
  *input(url: string): Generator<readonly [id: number, url: string]> {
    while (this.taken < this.entries) {
      const id = this.taken++
      yield [id, url + Kind.path(id)]
    }
  }

  readonly add = (id: number, result: Either.Either<Json, FetchError.FetchError<number>>): void => {
    this.out++
    const reason = Either.isLeft(result) ? result.left.reason._tag : "success"
    this.byReason[reason] = (this.byReason[reason] ?? 0) + 1
    if (!Number.isInteger(id) || id < 0 || id >= this.taken) return this.isWrong(`the id ${id} was never taken`)
    this.see(id)
    const kind = Kind.of(id)
    const expected = Kind.expected(kind) ?? "success"
    if (reason !== expected) {
      const told = Either.isLeft(result) ? result.left.message : "success"
      return this.isWrong(`${id}: ${expected} expected of ${kind}: ${told}`)
    }
    if (Either.isRight(result) && !isBodyOf(id, kind, result.right)) {
      this.isWrong(`${id}: another body: ${JSON.stringify(result.right).slice(0, 200)}`)
    }
  }

  private see(id: number): void {
    const bit = 1 << (id & 7)
    const byte = this.seen[id >> 3]!
    if ((byte & bit) !== 0) this.twice++
    else {
      this.seen[id >> 3] = byte | bit
      this.distinct++
    }
  }

  private isWrong(what: string): void {
    this.wrong++
    if (this.wrongs.length < mostWrongs) this.wrongs.push(what)
  }

  get counts(): Counts {
    return {
      in: this.taken,
      out: this.out,
      twice: this.twice,
      lost: this.taken - this.distinct,
      wrong: this.wrong,
      wrongs: this.wrongs,
      byReason: this.byReason
    }
  }
}

const isBodyOf = (id: number, kind: Kind.Kind, json: Json): boolean => {
  const { id: own, padding } = json as { readonly id?: unknown; readonly padding?: unknown }
  return own === id && padding === (kind === "large" ? Kind.padding : undefined)
}
