/**
 * Why a job can't be started, watched or read. One tagged error; `reason` says
 * which way.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Predicate from "effect/Predicate"

/**
 * - `Database`: the database can't be reached, or refuses something. `detail` is what it said.
 * - `Unknown`: there is no job of this name.
 * - `Different`: there is a job of this name with other options or other entries. `detail` says what differs.
 * - `Cancelled`: the job was cancelled or removed while its entries were stored.
 * - `Id`: the id of an entry is no JSON. `entry` is its number in the input, from 0.
 * - `Name`: the name of a job can't be. `detail` says why.
 * - `Secret`: headers were given as `Redacted`, and a job's headers are stored. `detail` names them.
 * - `Results`: the results are not where they can be read from. `detail` says why.
 *
 * @since 0.1.0
 * @category models
 */
export type Reason =
  | { readonly _tag: "Database"; readonly detail: string }
  | { readonly _tag: "Unknown" }
  | { readonly _tag: "Different"; readonly detail: string }
  | { readonly _tag: "Cancelled" }
  | { readonly _tag: "Id"; readonly entry: number }
  | { readonly _tag: "Name"; readonly detail: string }
  | { readonly _tag: "Secret"; readonly detail: string }
  | { readonly _tag: "Results"; readonly detail: string }

/**
 * The job could not be worked with. `job` is its name.
 *
 * @since 0.1.0
 * @category models
 */
export class JobError extends Data.TaggedError("JobError")<{ readonly job: string; readonly reason: Reason }> {
  override get message(): string {
    return `Job ${JSON.stringify(this.job)}: ${describe(this.reason)}`
  }
}

const describe = (reason: Reason): string => {
  switch (reason._tag) {
    case "Database":
      return `the database of the cluster can't be used: ${reason.detail}`
    case "Unknown":
      return "there is no such job"
    case "Different":
      return `there is another job of this name: ${reason.detail}`
    case "Cancelled":
      return "it was cancelled while its entries were stored"
    case "Id":
      return `the id of entry ${reason.entry} is no JSON, so that it can't be stored`
    case "Name":
      return `the name can't be: ${reason.detail}`
    case "Secret":
      return `${reason.detail} would be stored in the database in the clear: allow it with storeSecrets`
    case "Results":
      return `its results can't be read here: ${reason.detail}`
  }
}

/**
 * @since 0.1.0
 * @category guards
 */
export const isJobError = (u: unknown): u is JobError => Predicate.isTagged(u, "JobError")
