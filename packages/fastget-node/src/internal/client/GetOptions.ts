/**
 * The options of a client, and the limits of one request that they come to,
 * with those of the chunk it belongs to.
 */
import * as Either from "effect/Either"
import { InvalidOption } from "fastget/FastGetConfig"
import * as OptionTable from "fastget/platform/OptionTable"
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

/** What an option takes, in words and as a check. */
type Takes = readonly [range: string, isFine: (value: unknown) => boolean]

const isNumber = (value: unknown): value is number => typeof value === "number"
const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 1

const time: Takes = ["milliseconds above 0, or Infinity", (value) => isNumber(value) && value > 0]
const count: Takes = ["a whole number from 1", isCount]

const takes: { readonly [K in keyof Required<GetOptions>]: Takes } = {
  timeout: time,
  deadline: time,
  headersTimeout: time,
  bodyTimeout: time,
  connectTimeout: ["milliseconds above 0, at most 24 days", (value) => isNumber(value) && value > 0 && value < 2 ** 31],
  dnsTtl: ["milliseconds from 0", (value) => isNumber(value) && value >= 0],
  maxBodyBytes: count,
  maxHeaderBytes: count,
  connections: count,
  connectionsInAll: ["a whole number from 1, or Infinity", (value) => value === Infinity || isCount(value)],
  proxyFromEnv: ["true or false", (value) => typeof value === "boolean"],
  lookup: ["a function", (value) => typeof value === "function"],
  tls: ["an object with ca, cert, key, passphrase, pfx, servername", (value) => typeof value === "object"],
  // What an address is, is known where it is used.
  denyPrivate: ["", () => true]
}

/** That each option exists, and is of its kind. */
export const check = (options: GetOptions): Either.Either<void, InvalidOption> =>
  Either.flatMap(OptionTable.onlyKnown(options, Object.keys(takes)), () => {
    for (const [option, value] of Object.entries(options)) {
      const [range, isFine] = takes[option as keyof GetOptions]
      if (value === undefined || isFine(value)) continue
      const shown = typeof value === "string" ? JSON.stringify(value) : String(value)
      return Either.left(new InvalidOption({ option, value: shown, range }))
    }
    return Either.void
  })

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
