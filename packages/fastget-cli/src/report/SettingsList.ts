/**
 * The settings of a run as they are shown: a name and a text each, with the
 * names of headers and without their values, and of certificates and keys only
 * that they were given.
 */
import * as ClusterConfig from "fastget-cluster/ClusterConfig"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as Quantity from "../stats/Quantity.js"

type SettingsList = ReadonlyArray<readonly [name: string, value: string]>

/** The range of a field says whether it is a duration. */
const isDuration = (name: NodeFastGet.Name): boolean => NodeFastGet.fields[name].range.includes("duration")

/** What is known of the settings of a run. */
export interface Known {
  readonly settings: FastGetConfig.Settings | undefined
  readonly client?: NodeFastGet.ClientOptions | undefined
  /** Whether runners of a cluster make the requests: then the settings are those that come to them with each entry. */
  readonly isOverCluster?: boolean
}

/** In the order of the docs; empty where the settings are not known. */
export const make = ({ client = {}, isOverCluster = false, settings }: Known): SettingsList => {
  if (settings === undefined) return []
  const names = (Object.keys(FastGetConfig.fields) as Array<FastGetConfig.Name>).filter((name) =>
    holds(name, isOverCluster)
  )
  return [
    ...names.map((name) => [name, show(name, settings)] as const),
    ...(isOverCluster ? [] : ofClient(client, Quantity.millis))
  ]
}

/** Whether a run has this setting: over a cluster its runners have the others. */
export const holds = (name: string, isOverCluster: boolean): boolean =>
  !isOverCluster || ClusterConfig.isOfClients(name)

const show = (name: FastGetConfig.Name, settings: FastGetConfig.Settings): string => {
  const value: unknown = settings[name]
  if (name === "headers") return Object.keys(settings.headers).join(", ") || "none"
  if (name === "retry") {
    const { base, cap, times } = settings.retry
    return `${times} times, waits from ${Quantity.millis(base)} to ${Quantity.millis(cap)}`
  }
  if (name === "logLevel") return settings.logLevel.label
  if (value === Infinity) return "unbounded"
  return limit(name, settings) ??
    (typeof value === "number" && isDuration(name) ? Quantity.millis(value) : String(value))
}

/** A limit of origins; undefined for other settings. */
export const limit = (
  name: string,
  { origins, rate, throttle }: FastGetConfig.Settings
): string | undefined => {
  switch (name) {
    case "rate":
      return rate === undefined ? "none" : rateText(rate)
    case "throttle":
      return throttle === false ? "off" : `gives up after ${Quantity.millis(throttle.giveUpAfter)} of refusals alone`
    case "origins":
      return origins.length === 0 ? "none" : origins.map(ruleText).join("; ")
    default:
      return undefined
  }
}

type Rate = NonNullable<FastGetConfig.Settings["rate"]>

const rateText = ({ burst, per, requests }: Rate): string =>
  Quantity.requestsPer(requests, per) + (burst === undefined ? "" : `, bursts of ${Quantity.count(burst)}`)

const ruleText = ({ connections, pattern, rate }: FastGetConfig.OriginRule): string => {
  const limits = [
    ...(rate === undefined ? [] : [rateText(rate)]),
    ...(connections === undefined ? [] : [Quantity.counted(connections, "connection")])
  ]
  return `${pattern}: ${limits.join(", ") || "as others"}`
}

const nameOfClient = "client."
const nameOfTls = "client.tls."

/** The options of the threads' HTTP client. A secret is not shown. */
export const ofClient = (client: NodeFastGet.ClientOptions, millis: (n: number) => string): SettingsList =>
  (Object.keys(NodeFastGet.fields) as Array<NodeFastGet.Name>)
    .filter((name) => name.startsWith(nameOfClient))
    .map((name) => [name, showOfClient(name, client, millis)])

const showOfClient = (
  name: NodeFastGet.Name,
  client: NodeFastGet.ClientOptions,
  millis: (n: number) => string
): string => {
  const { default: byDefault, parse, redactedAs } = NodeFastGet.fields[name] as AnyField
  const given = name.startsWith(nameOfTls)
    ? ofRecord(client.tls, name.slice(nameOfTls.length))
    : ofRecord(client, name.slice(nameOfClient.length))
  if (given !== undefined && redactedAs !== undefined) return "given"
  const value = given === undefined ? byDefault : parse(given)
  if (value === undefined) return "none"
  return typeof value === "number" && isDuration(name) ? millis(value) : String(value)
}

/** A field, as it is looked at here. */
interface AnyField {
  readonly default: unknown
  readonly redactedAs?: string
  readonly parse: (input: unknown) => unknown
}

const ofRecord = (record: object | undefined, name: string): unknown =>
  (record as Readonly<Record<string, unknown>> | undefined)?.[name]
