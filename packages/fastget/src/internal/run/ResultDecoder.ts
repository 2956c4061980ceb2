/**
 * What becomes of an answer's body when the consumer takes it: JSON, a text or
 * bytes, a value of a schema, or what a function of the user's makes of its text.
 * What throws there is that entry's failure, and not the end of its chunk.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import type { ParseOptions } from "effect/SchemaAST"
import type { AnswerResult, As } from "../../Outcome.js"
import * as Outcome from "../../Outcome.js"
import type { Reason } from "../../Reason.js"
import * as SchemaIssues from "../base/SchemaIssues.js"

/** A decoder of bodies as they are asked for, and by a schema where there is one: with all issues, unless the options say else. */
export const make = (
  as: As,
  schema: Schema.Schema<any, any, any> | undefined,
  parseOptions?: ParseOptions
): (result: AnswerResult) => Effect.Effect<any, Reason, any> => {
  if (schema === undefined) return (result) => Outcome.decode(result, as)
  const parse = ParseResult.decodeUnknown(schema, { ...SchemaIssues.all, ...parseOptions })
  return (result) => {
    const json = Outcome.decode(result, as)
    if (json._tag === "Left") return json
    try {
      const parsed = parse(json.right)
      // An Either stays one: no fiber has to run for it.
      if (Either.isEither(parsed)) {
        return Either.mapLeft(parsed as Either.Either<unknown, ParseResult.ParseIssue>, SchemaIssues.toReason)
      }
      return parsed.pipe(Effect.mapError(SchemaIssues.toReason), Effect.catchAllDefect(() => Either.left(thrown)))
    } catch {
      return Either.left(thrown)
    }
  }
}

/** A schema with a bug. */
const thrown: Reason = { _tag: "Decode", problem: "thrown", where: "the schema" }

/** A decoder of JSON by a function of its text. A value of a worker's own decode stays as it is. */
export const ofParse = (parse: (text: string) => Either.Either<unknown, Reason>) =>
(
  result: AnswerResult
): Either.Either<unknown, Reason> => {
  if (result._tag !== "Body") return Outcome.decode(result, "json")
  // An empty body gets here only where emptyBody is "null".
  const text = result.body.length === 0
    ? Either.right("null")
    : Outcome.decode(result, "text") as Either.Either<string, Reason>
  if (text._tag === "Left") return text
  try {
    return parse(text.right)
  } catch {
    return Either.left(thrownByParse)
  }
}

const thrownByParse: Reason = { _tag: "Decode", problem: "thrown", where: "parse" }
