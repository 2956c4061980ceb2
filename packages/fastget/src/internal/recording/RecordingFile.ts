/**
 * The text of a recording: a line of JSON that says the version of the format,
 * and one for each request. The requests are in the order of their URLs, and
 * those of a URL in the order in which they were made, so that two recordings of
 * the same answers are the same text, whichever answer came first.
 */
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import type { Reason } from "../../RecordingError.js"
import * as Exchange from "./Exchange.js"

const version = 1

const encode = Schema.encodeSync(Exchange.Exchange)

export const print = (exchanges: ReadonlyArray<Exchange.Exchange>): string => {
  const sorted = exchanges.map((exchange, n) => ({ exchange, n })).sort((a, b) => {
    if (a.exchange.url === b.exchange.url) return a.n - b.n
    return a.exchange.url < b.exchange.url ? -1 : 1
  })
  const lines = [{ recording: "fastget", version }, ...sorted.map(({ exchange }) => encode(exchange))]
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("")
}

export const parse = (text: string): Either.Either<ReadonlyArray<Exchange.Exchange>, Reason> => {
  const [first = "", ...lines] = text.split(/\r?\n/)
  const head = parseLine(first, Schema.decodeUnknownEither(Header))
  if (Either.isLeft(head)) return damaged(1, "it is not the first line of a recording")
  if (head.right.version !== version) {
    return Either.left({ _tag: "Version", expected: version, actual: String(head.right.version) })
  }
  const exchanges: Array<Exchange.Exchange> = []
  for (const [n, line] of lines.entries()) {
    if (line === "") continue
    const exchange = parseLine(line, Exchange.decode)
    // The first line has been taken off, and lines are counted from 1.
    if (Either.isLeft(exchange)) return damaged(n + 2, exchange.left)
    exchanges.push(exchange.right)
  }
  return Either.right(exchanges)
}

const Header = Schema.Struct({ recording: Schema.Literal("fastget"), version: Schema.Number })

/** What is wrong is told by its path: the line may hold what is not for a log. */
const parseLine = <A>(
  line: string,
  decode: (json: unknown) => Either.Either<A, ParseResult.ParseError>
): Either.Either<A, string> => {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return Either.left("it is no JSON")
  }
  return Either.mapLeft(decode(json), (error) => {
    const [issue] = ParseResult.ArrayFormatter.formatErrorSync(error)
    const path = issue?.path.map(String).join(".") ?? ""
    return path === ""
      ? "it is no answer and no failure"
      : `its ${path} is not what it has to be`
  })
}

const damaged = (line: number, detail: string): Either.Either<never, Reason> =>
  Either.left({ _tag: "Damaged", line, detail })
