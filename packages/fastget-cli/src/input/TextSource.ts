/**
 * The text of an input: gzip is unpacked, and what has no rows to read is
 * refused in one sentence.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as CliError from "../CliError.js"
import * as FirstLine from "./FirstLine.js"
import * as Gunzip from "./Gunzip.js"
import * as NoList from "./NoList.js"
import * as Source from "./Source.js"

export interface TextSource extends Source.Source {
  /** The first bytes, with a whole line that is not empty, if there is one. They are read once more. */
  readonly start: Buffer
}

export const open = (file: string): Effect.Effect<TextSource, CliError.InputFailed, Scope.Scope> =>
  Effect.flatMap(Source.open(file), make)

/** The text of a source of bytes, however they are cut into pieces. */
export const make = (raw: Source.Source): Effect.Effect<TextSource, CliError.InputFailed, Scope.Scope> =>
  Effect.gen(function*() {
    const refuse = CliError.unreadable(raw.name)
    const [head, whole] = yield* Source.peek(raw, Gunzip.isTellable)
    const text = Gunzip.isGzip(head) ? yield* Gunzip.make(whole) : whole
    const [line, withLine] = yield* Source.peek(text, FirstLine.scanner(1))
    const [start, source] = NoList.needsNextLine(line)
      ? yield* Source.peek(withLine, FirstLine.scanner(2))
      : [line, withLine] as const
    const problem = NoList.problem(start)
    if (problem !== undefined) return yield* refuse(problem)
    const isBinary = NoList.binaryTest()
    // The start is tested before it is parsed; later pieces are when they are read.
    if (isBinary(start)) return yield* refuse(NoList.binary)
    let first = start.length > 0
    const read = Effect.flatMap(source.read, (bytes) => {
      if (!first && bytes !== undefined && isBinary(bytes)) return refuse(NoList.binary)
      first = false
      return Effect.succeed(bytes)
    })
    return { name: raw.name, start, read }
  })
