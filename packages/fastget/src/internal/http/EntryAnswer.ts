/**
 * The answer of an entry: its result, and what is known of the requests made for
 * it. Most entries have theirs after the first request, whose body is sent on as
 * it is. Elapsed time is of `performance.now()`: no fiber waits for it.
 */
import * as Cause from "effect/Cause"
import type { Answer, AnswerResult } from "../../Outcome.js"
import type * as QuickGet from "../../platform/QuickGet.js"
import * as Answers from "../wire/Answers.js"
import * as SharedBytes from "../wire/SharedBytes.js"
import * as BodyResult from "./BodyResult.js"
import type { ChunkContext } from "./ChunkContext.js"
import * as Refusal from "./Refusal.js"
import type { AttemptResult, RequestResult } from "./RequestResult.js"
import { isRedirected } from "./RequestResult.js"
import * as ResponseBody from "./ResponseBody.js"

/** The answer after so many attempts. */
export const make = (
  { withHeaders }: Pick<ChunkContext, "withHeaders">,
  attempt: AttemptResult,
  result: AnswerResult,
  attempts: number,
  startedAt: number
): Answer => {
  const { bytes, status } = attempt
  const headers = withHeaders ? attempt.headers : undefined
  const elapsed = performance.now() - startedAt
  return { result, status, headers, bytes, attempts, elapsed, held: SharedBytes.heldBy(result, headers) }
}

/** The answer of a first request, where it ended in a body that is sent on as it is; else undefined. */
export const ofPlainBody = (
  context: ChunkContext,
  result: RequestResult,
  startedAt: number
): Answer | undefined =>
  isRedirected(result) || result.result._tag === "Left" || ResponseBody.isEmpty(result.result.right) ||
    BodyResult.isParsedHere(context, result)
    ? undefined
    : make(context, result, { _tag: "Body", body: result.result.right }, 1, startedAt)

/** The same of a quick request. Its headers are not read where nobody wants them. */
export const ofPlainQuickBody = (
  context: ChunkContext,
  end: QuickGet.Answered | QuickGet.Failed,
  startedAt: number
): Answer | undefined => {
  if (
    end._tag === "Failed" || Refusal.isRefusal(end.status) || ResponseBody.isEmpty(end.body) ||
    BodyResult.isParsedHere(context, end)
  ) return undefined
  const result = { _tag: "Body", body: end.body } as const
  const headers = context.withHeaders ? end.headers() : undefined
  const elapsed = performance.now() - startedAt
  const held = SharedBytes.heldBy(result, headers)
  return { result, status: end.status, headers, bytes: end.bytes, attempts: 1, elapsed, held }
}

/**
 * The answer of an entry whose fiber was interrupted by its own client, or ended
 * in a defect: no entry is left without an answer.
 */
export const ofCause = (cause: Cause.Cause<unknown>, attempts: number, startedAt: number): Answer => {
  const detail = Cause.isInterrupted(cause) ? "the request was interrupted" : String(Cause.squash(cause)).slice(0, 200)
  const answer = Answers.unanswered({ _tag: "Transport", detail })
  return { ...answer, attempts, elapsed: performance.now() - startedAt }
}
