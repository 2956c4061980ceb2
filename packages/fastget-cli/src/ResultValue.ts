/**
 * What becomes of a body, by what the output needs: the JSON as the server wrote
 * it, a value to select from, or its bytes.
 */
import * as Either from "effect/Either"
import * as Json from "fastget/Json"
import * as Outcome from "fastget/Outcome"
import type { Reason } from "fastget/Reason"

export type Needs = "text" | "value" | "bytes"

type Decode = (result: Outcome.AnswerResult) => Either.Either<unknown, Reason>

/**
 * JSON that is checked and left as it is, on one line. So numbers beyond 2^53
 * keep their digits, and a body is parsed but not written again.
 */
const decodeText: Decode = (result) => {
  if (result._tag !== "Body") return Outcome.decode(result, "json")
  const text = result.text === undefined ? Json.decodeText(result.body) : Either.right(result.text)
  if (text._tag === "Left") return Either.left(text.left)
  // An empty body gets here only where emptyBody is "null".
  if (text.right === "") return Either.right("null")
  const json = Json.parse(text.right)
  return json._tag === "Left" ? json : Either.right(onOneLine(text.right))
}

/** In JSON a line break is never in a string, and what it parts is not to be parted by it. */
const onOneLine = (json: string): string =>
  json.includes("\n") || json.includes("\r") ? json.replace(/[\n\r][\t\n\r ]*/g, "") : json

const decoders: Readonly<Record<Needs, Decode>> = {
  text: decodeText,
  value: (result) => Outcome.decode(result, "json"),
  bytes: (result) => Outcome.decode(result, "bytes")
}

export const decoder = (needs: Needs): Decode => decoders[needs]
