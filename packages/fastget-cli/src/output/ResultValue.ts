/**
 * What becomes of a body, by what the output needs: the JSON as the server wrote
 * it, on one line or to select from, or its bytes.
 */
import * as Either from "effect/Either"
import * as Json from "fastget/Json"
import * as Outcome from "fastget/Outcome"
import type { Reason } from "fastget/Reason"
import * as JsonSource from "./JsonSource.js"

export type Needs = "line" | "text" | "bytes"

type Decode = (result: Outcome.AnswerResult) => Either.Either<unknown, Reason>

/**
 * JSON that is checked and left as it is. So numbers beyond 2^53 keep their
 * digits, and a body is parsed but not written again.
 */
const decodeText = (result: Outcome.AnswerResult): Either.Either<string, Reason> => {
  // A thread of the command makes no values, and the text of a body is a string.
  if (result._tag !== "Body") return Outcome.decode(result, "json") as Either.Either<string, Reason>
  // An empty body gets here only where emptyBody is "null".
  if (result.body.length === 0) return Either.right("null")
  const text = Outcome.decode(result, "text") as Either.Either<string, Reason>
  if (text._tag === "Left") return text
  return Either.map(Json.parse(text.right), () => text.right)
}

const decoders: Readonly<Record<Needs, Decode>> = {
  line: (result) => Either.map(decodeText(result), JsonSource.onOneLine),
  text: decodeText,
  bytes: (result) => Outcome.decode(result, "bytes")
}

export const decoder = (needs: Needs): Decode => decoders[needs]
