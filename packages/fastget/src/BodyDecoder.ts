/**
 * What a worker of one's own makes of the JSON bodies it fetched: a schema's
 * encoded form, or the value of a function. A body comes in, what is sent on or
 * the reason why there is nothing goes out.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import type * as HttpGet from "./HttpGet.js"
import * as Json from "./Json.js"
import type { AnswerResult } from "./Outcome.js"
import type { Decode, Reason } from "./Reason.js"
import * as SchemaIssues from "./SchemaIssues.js"

/**
 * What a worker makes of the bodies it fetched as JSON. `schema` decodes the
 * JSON and sends its encoded form on, so that the same schema on the other side
 * types it. `decode` then makes any value a thread can be sent (or an Effect of
 * one) of what the schema gave, or of the JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<A = Json.Json> {
  readonly schema?: Schema.Schema<A, any, never> | undefined
  readonly decode?: ((value: A, response: HttpGet.Answered) => unknown) | undefined
}

const failure = (reason: Reason): AnswerResult => ({ _tag: "Failure", reason })

const decodeFailure = (problem: Decode["problem"], where: string): AnswerResult =>
  failure({ _tag: "Decode", problem, where })

/**
 * What becomes of a JSON body, if anything.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <A>({ decode, schema }: Options<A>): HttpGet.Context["finish"] => {
  if (schema === undefined && decode === undefined) return undefined
  const parse = schema === undefined ? undefined : ParseResult.decodeUnknown(schema)
  const encode = schema === undefined ? undefined : ParseResult.encode(schema)
  return (body, response) => {
    const json = Json.decode(body)
    if (json._tag === "Left") return Effect.succeed(failure(json.left))
    // Without a schema A is Json.
    const value = parse === undefined ? Effect.succeed(json.right as A) : parse(json.right)
    const result = decode !== undefined
      ? Effect.flatMap(value, (value) => runDecode(decode, value, response))
      : Effect.map(Effect.flatMap(value, encode!), toBody)
    return result.pipe(
      Effect.catchAll((issue) => Effect.succeed(failure(SchemaIssues.toReason(issue)))),
      Effect.catchAllCause((cause) =>
        Cause.isInterruptedOnly(cause) ? Effect.failCause(cause) : Effect.succeed(decodeFailure("thrown", "schema"))
      )
    )
  }
}

const toBody = (value: unknown): AnswerResult => ({
  _tag: "Body",
  body: new TextEncoder().encode(JSON.stringify(value) ?? "null")
})

const runDecode = <A>(
  decode: NonNullable<Options<A>["decode"]>,
  value: A,
  response: HttpGet.Answered
): Effect.Effect<AnswerResult> =>
  Effect.suspend(() => {
    const result = decode(value, response)
    return Effect.isEffect(result) ? result as Effect.Effect<unknown, unknown> : Effect.succeed(result)
  }).pipe(
    Effect.matchCauseEffect({
      onFailure: (cause) =>
        Cause.isInterruptedOnly(cause)
          ? Effect.interrupt
          : Effect.succeed(decodeFailure("thrown", errorName(Cause.squash(cause)))),
      onSuccess: (value) =>
        Effect.sync(() => isCloneable(value) ? { _tag: "Value", value } : decodeFailure("notCloneable", "decode"))
    })
  )

// The name only: a message may repeat what the body held.
const errorName = (error: unknown): string => error instanceof Error ? `decode threw ${error.name}` : "decode failed"

/** Whether a value can be sent to another thread; asked here, because there it would take its whole batch along. */
const isCloneable = (value: unknown): boolean => {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}
