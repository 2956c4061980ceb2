/**
 * The options of a client, and the limits of one request that they come to,
 * with those of the chunk it belongs to.
 */
import type * as QuickGet from "fastget/platform/QuickGet"
import * as Head from "../sockets/Head.js"
import type * as Sockets from "../sockets/Sockets.js"
import type { Limits } from "./Exchange.js"

/** Limits of time (milliseconds) and size (bytes), and the options of the connections. */
export interface GetOptions extends Partial<Limits>, Sockets.Options {}

const defaults: Limits = {
  timeout: 30_000,
  deadline: Infinity,
  headersTimeout: 30_000,
  bodyTimeout: 30_000,
  maxBodyBytes: 32 * 1024 * 1024,
  maxHeaderBytes: Head.defaultMaxHeaderBytes
}

/** The limits of a client's requests. */
export const limitsOf = (options: GetOptions): Limits => ({
  timeout: options.timeout ?? defaults.timeout,
  deadline: options.deadline ?? defaults.deadline,
  headersTimeout: options.headersTimeout ?? defaults.headersTimeout,
  bodyTimeout: options.bodyTimeout ?? defaults.bodyTimeout,
  maxBodyBytes: options.maxBodyBytes ?? defaults.maxBodyBytes,
  maxHeaderBytes: options.maxHeaderBytes ?? defaults.maxHeaderBytes
})

/** The client's limits, with those that a chunk sets. */
export const within = (limits: Limits, { deadline, maxBodyBytes, timeout }: QuickGet.Limits): Limits => ({
  ...limits,
  timeout,
  deadline,
  maxBodyBytes
})
