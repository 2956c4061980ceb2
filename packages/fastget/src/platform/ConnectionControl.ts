/**
 * What an `HttpClient` may be able to do besides: to be told how many
 * connections of an origin it may have open, idle ones included, so that what
 * one thread does not need another can have. FastGet's own client for Node can.
 * Of a client that can't, the requests under way are counted.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Predicate from "effect/Predicate"

/**
 * @since 0.1.0
 * @category models
 */
export interface ConnectionControl {
  /**
   * From now on at most so many connections of the origin are open or in the
   * making. Where there are more, idle ones are closed, and one that is wanted
   * waits. `done` is called when no more are left, which may be at once; where
   * several wait for that, for each connection that is too many one of them waits.
   */
  readonly limit: (origin: string, connections: number, done?: () => void) => void
  /** How many connections of the origin are open or in the making. */
  readonly open: (origin: string) => number
  /** Calls back whenever a connection of an origin has been closed, by whomever. */
  readonly onClosed: (listener: (origin: string) => void) => void
}

const key = Symbol.for("fastget/platform/ConnectionControl")

/**
 * Gives a client the capability.
 *
 * @since 0.1.0
 * @category constructors
 */
export const attach = <Client extends HttpClient.HttpClient>(client: Client, control: ConnectionControl): Client =>
  Object.assign(client, { [key]: control })

/**
 * The capability of a client, if it has it.
 *
 * @since 0.1.0
 * @category accessors
 */
export const of = (client: HttpClient.HttpClient): ConnectionControl | undefined =>
  Predicate.hasProperty(client, key) ? client[key] as ConnectionControl : undefined
