/** What a recording keeps of a request: its URL, and what it was answered. */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import type * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { Reason } from "../../Reason.js"

/** An answer. The body is text, or where it is no UTF-8, base64. */
const Answered = Schema.Struct({
  url: Schema.String,
  status: Schema.Int.pipe(Schema.between(200, 599)),
  headers: Schema.Record({ key: Schema.String, value: Schema.String }),
  body: Schema.String,
  encoding: Schema.optionalWith(Schema.Literal("base64"), { exact: true })
}).pipe(
  Schema.filter((answered) => answered.encoding === undefined || Either.isRight(Encoding.decodeBase64(answered.body)))
)

/** A request that failed without an answer, or while its body was read. */
const Failed = Schema.Struct({ url: Schema.String, failure: Reason })

/** A request that was given up: for a time-out, or because its run had ended. */
const GivenUp = Schema.Struct({ url: Schema.String, givenUp: Schema.Literal(true) })

export const Exchange = Schema.Union(Answered, Failed, GivenUp)

export type Exchange = typeof Exchange.Type

/** Of the kind that it seems to be, so that what is wrong with it can be told. */
export const decode = (line: unknown): Either.Either<Exchange, ParseResult.ParseError> => {
  if (Predicate.hasProperty(line, "failure")) return Schema.decodeUnknownEither(Failed)(line)
  if (Predicate.hasProperty(line, "givenUp")) return Schema.decodeUnknownEither(GivenUp)(line)
  return Schema.decodeUnknownEither(Answered)(line)
}

/** Whether a response can have the status, and so an answer be played. */
export const isKept = (status: number): boolean => status >= 200 && status <= 599

/** The body as it was read. */
export const bodyOf = ({ body, encoding }: typeof Answered.Type): string | Uint8Array =>
  encoding === undefined ? body : Either.getOrThrow(Encoding.decodeBase64(body))

/** Whether a server refused a request for its rate, and said by its status that it is to be asked again later. */
export const isRefusal = (exchange: Exchange): boolean =>
  "status" in exchange &&
  (exchange.status === 429 || (exchange.status === 503 && exchange.headers["retry-after"] !== undefined))
