/**
 * Answers without a body: of an entry for which no request was made, and of JSON
 * that is nested too deep to be parsed.
 */
import * as Json from "../../Json.js"
import type { Answer } from "../../Outcome.js"
import type { Reason } from "../../Reason.js"

/**
 * Refuses a body of JSON that is nested too deep. The worker does it, because
 * the consumer's thread parses what it gets without a look at its depth.
 */
export const refuseDeep = (answer: Answer): Answer => {
  const tooDeep = answer.result._tag === "Body" ? Json.checkDepth(answer.result.body) : undefined
  return tooDeep === undefined ? answer : { ...answer, result: { _tag: "Failure", reason: tooDeep } }
}

/** An answer that no attempt was made for. */
export const unanswered = (reason: Reason): Answer => ({
  result: { _tag: "Failure", reason },
  status: 0,
  headers: undefined,
  bytes: 0,
  attempts: 0,
  elapsed: 0,
  held: 0
})
