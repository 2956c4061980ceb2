/**
 * What an `HttpClient` may be able to do besides: a GET by callback, without a
 * fiber. FastGet's own client for Node can; a wrapped or foreign client can't,
 * because wrapping makes a new client, and everything goes through the general
 * path then. See docs/decisions/0010-quick-path.md.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Predicate from "effect/Predicate"
import type { Reason } from "../FetchError.js"

/**
 * The limits of one request that a chunk may set: time in milliseconds, size in
 * bytes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Limits {
  /** From when the request has a connection. */
  readonly timeout: number
  /** From when the request was made, whatever it waits for; Infinity for none. */
  readonly deadline: number
  readonly maxBodyBytes: number
}

/**
 * The limits of the chunk a request belongs to. A client that keeps time and
 * size itself reads them here, and says that it does: its reasons tell more than
 * that of a deadline from outside.
 *
 * @since 0.1.0
 * @category tags
 */
export class ChunkLimits
  extends Context.Tag("fastget/QuickGet/ChunkLimits")<ChunkLimits, Limits & { kept: boolean }>()
{}

/**
 * An answer whose body has been read, within the limits.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answered {
  readonly _tag: "Answered"
  readonly status: number
  readonly body: Uint8Array
  /** Of the body, as it came over the wire. */
  readonly bytes: number
  readonly headers: () => Readonly<Record<string, string>>
  /** What its `Content-Encoding` says, where a name in it is not known and the body may be coded yet. */
  readonly coding?: string | undefined
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Failed {
  readonly _tag: "Failed"
  readonly reason: Reason
  readonly bytes: number
}

/**
 * A request under way. `cancel` closes its connection, and `done` is not called
 * then.
 *
 * @since 0.1.0
 * @category models
 */
export interface Exchange {
  readonly cancel: () => void
}

/**
 * Sends a GET and calls `done` once. `headers` are names and values in turn.
 *
 * @since 0.1.0
 * @category models
 */
export type QuickGet = (
  origin: string,
  path: string,
  headers: ReadonlyArray<string>,
  limits: Limits,
  done: (end: Answered | Failed) => void
) => Exchange

const key = Symbol.for("fastget/platform/QuickGet")

/**
 * Gives a client the capability.
 *
 * @since 0.1.0
 * @category constructors
 */
export const attach = <Client extends HttpClient.HttpClient>(client: Client, quickGet: QuickGet): Client =>
  Object.assign(client, { [key]: quickGet })

/**
 * The capability of a client, if it has it.
 *
 * @since 0.1.0
 * @category accessors
 */
export const of = (client: HttpClient.HttpClient): QuickGet | undefined =>
  Predicate.hasProperty(client, key) ? client[key] as QuickGet : undefined

const wholeBody = Symbol.for("fastget/QuickGet/wholeBody")

/**
 * The body of a response that holds it already, within the limits, and how many
 * bytes came over the wire.
 *
 * @since 0.1.0
 * @category models
 */
export interface WholeBody {
  readonly body: Uint8Array
  readonly bytes: number
}

/**
 * Marks a response as holding its body.
 *
 * @since 0.1.0
 * @category constructors
 */
export const withWholeBody = <Response extends object>(response: Response, whole: WholeBody): Response =>
  Object.assign(response, { [wholeBody]: whole })

/**
 * The body a response holds, if it does.
 *
 * @since 0.1.0
 * @category accessors
 */
export const wholeBodyOf = (response: object): WholeBody | undefined =>
  Predicate.hasProperty(response, wholeBody) ? response[wholeBody] as WholeBody : undefined
