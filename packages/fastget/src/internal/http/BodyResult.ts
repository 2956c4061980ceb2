/**
 * The result of an entry, made of the end of its last attempt: the body as it is
 * wanted, what the worker's own code makes of it, or the reason why there is
 * none.
 */
import * as Effect from "effect/Effect"
import * as Json from "../../Json.js"
import type { AnswerResult } from "../../Outcome.js"
import * as SharedBytes from "../wire/SharedBytes.js"
import type { ChunkContext } from "./ChunkContext.js"
import type { AttemptResult } from "./RequestResult.js"
import * as ResponseBody from "./ResponseBody.js"

const noBytes = new Uint8Array(0)

/**
 * Whether a body is parsed in the worker: for the worker's own code, or because
 * its `Content-Encoding` is not known, which a failure to parse it has to tell.
 */
export const isParsedHere = (
  { as, decodeBody }: Pick<ChunkContext, "as" | "decodeBody">,
  { coding }: Pick<AttemptResult, "coding">
): boolean => as === "json" && (decodeBody !== undefined || coding !== undefined)

export const of = (
  { as, bytes, decodeBody, settings: { emptyBody } }: Pick<ChunkContext, "as" | "bytes" | "decodeBody" | "settings">,
  { coding, headers, result, status, url }: AttemptResult,
  index: number
): Effect.Effect<AnswerResult> => {
  if (result._tag === "Left") return Effect.succeed({ _tag: "Failure", reason: result.left })
  const body = result.right
  if (as !== "json") return Effect.succeed({ _tag: "Body", body })
  if (ResponseBody.isEmpty(body)) {
    return Effect.succeed(
      emptyBody === "null"
        ? { _tag: "Body", body: noBytes }
        : { _tag: "Failure", reason: { _tag: "EmptyBody", status } }
    )
  }
  if (coding !== undefined) {
    // Only the worker knows the headers, so only here can the reason tell the coding.
    const json = Json.decode(body)
    if (json._tag === "Left") return Effect.succeed({ _tag: "Failure", reason: { ...json.left, encoding: coding } })
  }
  return decodeBody === undefined
    ? Effect.succeed({ _tag: "Body", body })
    : counted(bytes, body, decodeBody(body, { url, status, headers }, index))
}

/** Counts a body while it is decoded: that may take long, and no permit is held meanwhile. */
const counted = <A>(bytes: SharedBytes.Share, body: Uint8Array, decoding: Effect.Effect<A>): Effect.Effect<A> =>
  Effect.suspend(() => {
    const units = SharedBytes.unitsOf(body.length)
    bytes.learn(units)
    bytes.add(units)
    return Effect.ensuring(decoding, Effect.sync(() => bytes.add(-units)))
  })
