/** What a database said, as the error of a job. */
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import { JobError } from "../../JobError.js"

/** The effect, whose failures of the database are those of the job. */
export const ofJob = <A, R>(job: string, effect: Effect.Effect<A, SqlError, R>): Effect.Effect<A, JobError, R> =>
  Effect.mapError(effect, (error) => make(job, error))

export const make = (job: string, { cause, message }: SqlError): JobError => {
  const detail = cause instanceof Error && cause.message !== "" ? cause.message : message
  return new JobError({ job, reason: { _tag: "Database", detail } })
}
