/**
 * What a thread has to say before it gets entries: that what its layer told it
 * has come as far as its program, and that its client keeps the options which
 * nothing else keeps. The reply of a thread goes in; why it can't be used, with
 * what to pass on, comes out.
 */
import type * as FastGetConfig from "fastget/FastGetConfig"
import type { KeptOptions } from "fastget/platform/KeptOptions"
import { PoolError } from "fastget/PoolError"
import { isDeepStrictEqual } from "node:util"

/**
 * What the greeting of a thread tells of its options.
 */
export interface Reply {
  readonly told?: string
  readonly kept?: KeptOptions
  readonly keeps?: ReadonlyArray<string>
}

/** Of the settings of a pool those that are its client's as well. */
export interface Told {
  readonly connectTimeout: number
  readonly denyPrivate?: FastGetConfig.DenyPrivate
}

/** Of a client without options. A layer that asks for the same need not insist on it. */
const defaultConnectTimeout = 10_000

/** The worker keeps these itself, whatever its client is. */
const keptElsewhere: ReadonlyArray<string> = ["connections", "connectionsInAll", "timeout", "deadline", "maxBodyBytes"]

/**
 * The options a thread's client is given by a layer. A pool that is made of
 * settings alone keeps their guard, too.
 */
export const clientOf = <Client extends object>(
  { connectTimeout, denyPrivate }: FastGetConfig.Settings,
  client: Client
): Client & Told => ({
  ...client,
  connectTimeout,
  ...(denyPrivate === false ? undefined : { denyPrivate })
})

/**
 * Of the options of a client those that were asked for, and that nothing but
 * this client keeps.
 */
export const mustKeep = (client: object): KeptOptions => {
  const asked = Object.entries(client).filter(([name, value]) =>
    value !== undefined && value !== false && !keptElsewhere.includes(name) &&
    !(name === "connectTimeout" && value === defaultConnectTimeout)
  )
  // A copy as a message to a thread makes it, so that it compares equal to what comes back.
  return structuredClone(Object.fromEntries(asked))
}

/** The name of an option in the layer. */
const optionName = (name: string): string =>
  name === "denyPrivate" || name === "connectTimeout" ? name : `client.${name}`

/**
 * Why a thread can't be used, if it can't. `told` is what it was told to say.
 */
export const check = (reply: Reply, told: string, mustBeKept: KeptOptions): PoolError | undefined => {
  const names = Object.keys(mustBeKept)
  if (reply.told !== undefined && reply.told !== told) return refused(names.map(optionName), passOn)
  const { kept = {}, keeps = [] } = reply
  const lost = names.filter((name) => !isDeepStrictEqual(kept[name], mustBeKept[name])).map(optionName)
    .filter((name) => !keeps.includes(name))
  if (lost.length === 0) return undefined
  return refused(
    lost,
    reply.told === undefined ? `run it by NodeFetchWorker.runMain. And ${giveOn(lost)}` : giveOn(lost)
  )
}

const refused = (lost: ReadonlyArray<string>, advice: string): PoolError =>
  new PoolError({ reason: { _tag: "Options", lost, advice } })

const passOn =
  "pass the options that the function `worker` gets on to `new Worker`, each time those it gets then, as in " +
  "worker: (options) => new Worker(file, options). With workerData of your own: " +
  "{ ...options, workerData: { ...options.workerData, mine } }"

const giveOn = (lost: ReadonlyArray<string>): string =>
  "give its client what the layer says, NodeGetClient.make(NodeFetchWorker.clientOptions()). A client that keeps it in " +
  `another way says so: FetchWorker.launch({ client, keeps: ${JSON.stringify(lost)} })`
