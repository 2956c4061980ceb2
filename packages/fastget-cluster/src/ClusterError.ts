/**
 * Why a cluster can't be used. One tagged error; `reason` says which way.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Predicate from "effect/Predicate"

/**
 * - `Database`: the database can't be reached, or refuses what FastGet needs. `detail` is what it said.
 * - `Listen`: a runner can't listen at its address. `detail` is what the system said.
 * - `Config`: a setting of the engine in the environment can't be. `detail` names it.
 *
 * @since 0.1.0
 * @category models
 */
export type Reason =
  | { readonly _tag: "Database"; readonly detail: string }
  | { readonly _tag: "Listen"; readonly detail: string }
  | { readonly _tag: "Config"; readonly detail: string }

/**
 * The cluster could not be joined.
 *
 * @since 0.1.0
 * @category models
 */
export class ClusterError extends Data.TaggedError("ClusterError")<{ readonly reason: Reason }> {
  override get message(): string {
    const { _tag, detail } = this.reason
    switch (_tag) {
      case "Database":
        return `The database of the cluster can't be used: ${detail}`
      case "Listen":
        return `The runner can't listen: ${detail}`
      case "Config":
        return `The settings of the cluster can't be used: ${detail}`
    }
  }

  /** The error of an engine's layer that could not be built. */
  static of(error: unknown): ClusterError {
    if (isClusterError(error)) return error
    const { _tag = "", cause, message } = error as { _tag?: string; cause?: unknown; message?: string }
    const said = cause instanceof Error && cause.message !== "" ? cause.message : message ?? String(error)
    return new ClusterError({ reason: { _tag: tags[_tag] ?? "Database", detail: said } })
  }
}

const tags: Readonly<Record<string, Reason["_tag"]>> = { ServeError: "Listen", ConfigError: "Config" }

/**
 * @since 0.1.0
 * @category guards
 */
export const isClusterError = (u: unknown): u is ClusterError => Predicate.isTagged(u, "ClusterError")
