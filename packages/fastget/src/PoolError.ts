/**
 * Why a pool of workers can't work. One tagged error; `reason` says which way.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Predicate from "effect/Predicate"

/**
 * - `Start`: no worker could be started. `detail` is what the last one said.
 * - `StartTimeout`: no worker was ready within `startTimeout`; `limit` in milliseconds.
 * - `Version`: the worker file was built with another protocol than this library.
 * - `Options`: a worker would not keep options of its layer: those in `lost`, or, where it is empty, any. `advice` says
 *   what to pass on.
 * - `Lost`: workers end again and again before they are ready, or before any has answered an entry.
 * - `NoRunner`: in a cluster, no runner answered for so long; `limit` in milliseconds.
 * - `Closed`: the pool's scope was closed while it was used.
 *
 * @since 0.1.0
 * @category models
 */
export type Reason =
  | { readonly _tag: "Start"; readonly detail: string }
  | { readonly _tag: "StartTimeout"; readonly limit: number }
  | { readonly _tag: "Version"; readonly expected: number; readonly actual: string }
  | { readonly _tag: "Options"; readonly lost: ReadonlyArray<string>; readonly advice: string }
  | { readonly _tag: "Lost"; readonly detail: string }
  | { readonly _tag: "NoRunner"; readonly limit: number }
  | { readonly _tag: "Closed" }

/**
 * The pool can't answer any entry. Nothing is known of the entries it had
 * taken and not answered.
 *
 * @since 0.1.0
 * @category models
 */
export class PoolError extends Data.TaggedError("PoolError")<{ readonly reason: Reason }> {
  override get message(): string {
    switch (this.reason._tag) {
      case "Start":
        return `No worker could be started: ${this.reason.detail}`
      case "StartTimeout":
        return `No worker was ready within ${this.reason.limit} ms. A worker file has to call FetchWorker.launch`
      case "Version":
        return `The worker speaks protocol ${this.reason.actual}, this library ${this.reason.expected}: ` +
          "install the same version of fastget for the program and for its worker file, and build the worker again"
      case "Options": {
        const { advice, lost } = this.reason
        return `The worker would not keep ${lost.length === 0 ? "any option" : lost.join(", ")} of its layer: ${advice}`
      }
      case "Lost":
        return `Workers end again and again, whatever they are given: ${this.reason.detail}`
      case "NoRunner":
        return `No runner of the cluster has answered for ${this.reason.limit} ms. Is one running, and can it be reached?`
      case "Closed":
        return "The pool of workers was closed while it was used"
    }
  }
}

/**
 * @since 0.1.0
 * @category guards
 */
export const isPoolError = (u: unknown): u is PoolError => Predicate.isTagged(u, "PoolError")
