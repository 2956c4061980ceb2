/**
 * Whether what a layer says has come as far as its thread.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"

/**
 * What the layer told a thread to say in its greeting, empty where nothing was
 * told. Undefined in a program that could not know, since it was not started by
 * `NodeFetchWorker.runMain`.
 *
 * @since 0.1.0
 * @category tags
 */
export class Told extends Context.Reference<Told>()("fastget/platform/Told", {
  defaultValue: (): string | undefined => undefined
}) {}
