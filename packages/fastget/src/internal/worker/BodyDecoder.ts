/**
 * What a worker of one's own makes of the JSON bodies it fetched: a schema's
 * encoded form, or the value of a function. A body comes in, what is sent on or
 * the reason why there is nothing goes out. While the user's code runs, the
 * thread's black box says for which entry.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as ParseResult from "effect/ParseResult"
import * as Runtime from "effect/Runtime"
import type * as Schema from "effect/Schema"
import type { ParseOptions } from "effect/SchemaAST"
import * as Supervisor from "effect/Supervisor"
import * as Json from "../../Json.js"
import type { AnswerResult } from "../../Outcome.js"
import type { BlackBox } from "../../platform/BlackBox.js"
import type { Decode, Reason } from "../../Reason.js"
import * as SchemaIssues from "../base/SchemaIssues.js"
import type { DecodeBody } from "../http/ChunkContext.js"
import type { ResponseInfo } from "../http/RequestResult.js"

/**
 * What a worker makes of the bodies it fetched as JSON. `schema` decodes the
 * JSON and sends its encoded form on, so that the same schema on the other side
 * types it. `decode` then makes any value a thread can be sent (or an Effect of
 * one) of what the schema gave, or of the JSON. An Effect may take
 * `decodeTimeout`.
 */
export interface Options<A = Json.Json> {
  readonly schema?: Schema.Schema<A, any, never> | undefined
  /** How the schema decodes and encodes; by default with all issues. */
  readonly parseOptions?: ParseOptions | undefined
  readonly decode?: ((value: A, response: ResponseInfo) => unknown) | undefined
}

/**
 * Of a chunk, what its bodies are decoded with. The number is the black box's
 * name for it; time is in milliseconds.
 */
export interface Chunk {
  readonly number: number
  readonly decodeTimeout: number
}

/** A result, or an Effect of it where the user's code gave one. An Either is an Effect, too; here it means a result that is there at once. */
type Step<A> = Effect.Effect<A, ParseResult.ParseIssue>

/** What becomes of the JSON bodies of a chunk, if anything. */
export const make = <A>(options: Options<A>, box?: BlackBox): ((chunk: Chunk) => DecodeBody) | undefined => {
  const decode = decoder(options)
  if (decode === undefined) return undefined
  return (chunk) => (body, response, index) => {
    const json = Json.decode(body)
    if (json._tag === "Left") return Effect.succeed(failure(json.left))
    const result = decodeNow(() => decode(json.right, response), box, chunk, index)
    return isDone(result)
      ? Effect.succeed(Either.getOrElse(result, issueFailure))
      : later(result, box, chunk, index)
  }
}

/** The user's code, as far as it runs at once. */
const decodeNow = (
  run: () => Step<AnswerResult>,
  box: BlackBox | undefined,
  chunk: Chunk,
  index: number
): Step<AnswerResult> => {
  box?.enter(chunk.number, index)
  // Plain code: a result that is here at once, as most are, needs no fiber.
  try {
    return run()
  } catch {
    return Either.right(decodeFailure("thrown", "schema"))
  } finally {
    box?.leave()
  }
}

const decoder = <A>(
  { decode, parseOptions, schema }: Options<A>
): ((json: Json.Json, response: ResponseInfo) => Step<AnswerResult>) | undefined => {
  if (schema === undefined) {
    // Without a schema A is Json.
    return decode === undefined ? undefined : (json, response) => runDecode(decode, json as A, response)
  }
  const how = { ...SchemaIssues.all, ...parseOptions }
  const parse = ParseResult.decodeUnknown(schema, how)
  const encode = ParseResult.encode(schema, how)
  return (json, response) =>
    andThen(
      parse(json),
      (value) => decode === undefined ? andThen(encode(value), toBody) : runDecode(decode, value, response)
    )
}

/** Goes on at once where the step is done. */
const andThen = <A, B>(step: Step<A>, next: (value: A) => Step<B>): Step<B> => {
  if (!isDone(step)) return Effect.flatMap(step, next)
  return step._tag === "Right" ? next(step.right) : Either.left(step.left)
}

const isDone = <A>(step: Step<A>): step is Either.Either<A, ParseResult.ParseIssue> => Either.isEither(step)

const runDecode = <A>(
  decode: NonNullable<Options<A>["decode"]>,
  value: A,
  response: ResponseInfo
): Step<AnswerResult> => {
  let result: unknown
  try {
    result = decode(value, response)
  } catch (error) {
    return Either.right(thrownBy(error))
  }
  if (!Effect.isEffect(result)) return toValue(result)
  // Its failure is the user's own, of any type.
  const effect = result as Effect.Effect<unknown, unknown>
  if (Exit.isExit(effect)) return Exit.match(effect, { onFailure: failedBy, onSuccess: toValue })
  return Effect.matchCauseEffect(effect, { onFailure: failedBy, onSuccess: toValue })
}

/**
 * The rest of a decoding that did not end at once, in a fiber of its own, which
 * is watched: whenever it or its children run, the black box names the entry.
 */
const later = (
  rest: Step<AnswerResult>,
  box: BlackBox | undefined,
  chunk: Chunk,
  index: number
): Effect.Effect<AnswerResult> =>
  Effect.flatMap(Effect.runtime(), (runtime) => {
    const supervisor = box === undefined ? Supervisor.none : new EntrySupervisor(box, chunk.number, index)
    const fiber = Runtime.runFork(runtime)(rest, {
      updateRefs: (refs, fiberId) =>
        FiberRefs.updateAs(refs, { fiberId, fiberRef: FiberRef.currentSupervisor, value: supervisor })
    })
    const interrupt = () => fiber.unsafeInterruptAsFork(FiberId.none)
    const exit = fiber.unsafePoll()
    if (exit !== null) return Effect.succeed(resultOf(exit))
    // Not Effect.timeout: that waits for what can't be interrupted, and the entry needs its answer.
    return Effect.async<AnswerResult>((resume) => {
      const timer = setTimeout(() => {
        interrupt()
        resume(Effect.succeed(decodeFailure("timeout", `no value within ${chunk.decodeTimeout} ms`)))
      }, chunk.decodeTimeout)
      fiber.addObserver((exit) => {
        clearTimeout(timer)
        resume(Effect.succeed(resultOf(exit)))
      })
      return Effect.sync(() => {
        clearTimeout(timer)
        interrupt()
      })
    })
  })

class EntrySupervisor extends Supervisor.AbstractSupervisor<void> {
  readonly value = Effect.void
  constructor(
    private readonly box: BlackBox,
    private readonly chunk: number,
    private readonly index: number
  ) {
    super()
  }
  override onResume(): void {
    this.box.enter(this.chunk, this.index)
  }
  override onSuspend(): void {
    this.box.leave()
  }
}

const resultOf = (exit: Exit.Exit<AnswerResult, ParseResult.ParseIssue>): AnswerResult => {
  if (Exit.isSuccess(exit)) return exit.value
  const issue = Cause.failureOption(exit.cause)
  if (issue._tag === "Some") return issueFailure(issue.value)
  return decodeFailure("thrown", Cause.isInterrupted(exit.cause) ? "it was interrupted" : "schema")
}

const failure = (reason: Reason): AnswerResult => ({ _tag: "Failure", reason })

const decodeFailure = (problem: Decode["problem"], where: string): AnswerResult =>
  failure({ _tag: "Decode", problem, where })

const issueFailure = (issue: ParseResult.ParseIssue): AnswerResult => failure(SchemaIssues.toReason(issue))

// The name only: a message may repeat what the body held.
const thrownBy = (error: unknown): AnswerResult =>
  decodeFailure("thrown", error instanceof Error ? `decode threw ${error.name}` : "decode failed")

const failedBy = (cause: Cause.Cause<unknown>): Step<AnswerResult> =>
  Either.right(
    Cause.isInterruptedOnly(cause)
      ? decodeFailure("thrown", "decode was interrupted")
      : thrownBy(Cause.squash(cause))
  )

const toBody = (value: unknown): Step<AnswerResult> =>
  Either.right({ _tag: "Body", body: new TextEncoder().encode(JSON.stringify(value) ?? "null") })

/**
 * A value as another thread gets it. Cloned here, because a value that can't be
 * cloned there would take its whole batch along; and the clone is sent, because
 * it holds no getters that could change their mind.
 */
const toValue = (value: unknown): Step<AnswerResult> => {
  try {
    return Either.right({ _tag: "Value", value: structuredClone(value) })
  } catch {
    return Either.right(decodeFailure("notCloneable", "decode"))
  }
}
