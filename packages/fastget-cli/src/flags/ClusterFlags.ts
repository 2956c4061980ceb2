/**
 * The flags of a cluster: of a run over it, and of a runner. What may be in the
 * environment as well has a variable.
 */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ClusterConfig from "fastget-cluster/ClusterConfig"
import * as CliError from "../CliError.js"
import * as ClusterUrl from "./ClusterUrl.js"
import type { Flag } from "./Flag.js"
import { optionName } from "./Flag.js"

type Name = keyof typeof ClusterConfig.fields

const variables = {
  cluster: "FASTGET_CLUSTER",
  lanes: "FASTGET_LANES",
  runnerTimeout: "FASTGET_RUNNER_TIMEOUT"
} as const

const ofField = (name: Name, value: string) => {
  const { default: byDefault, description, range, shown = String(byDefault) } = ClusterConfig.fields[name] as AnyField
  return { value, description: `${description} Takes ${range}. Default: ${shown}. Or ${variables[name]}.` }
}

interface AnyField {
  readonly default: unknown
  readonly description: string
  readonly range: string
  readonly shown?: string
}

export const url =
  "The database of the cluster: postgres://user:password@host:5432/database. Or FASTGET_CLUSTER, where other " +
  "users of the machine don't see a password."

/** Of a run over a cluster. */
export const ofRun = {
  cluster: {
    value: "URL",
    description: `Has the requests made by the runners of a cluster (fastget runner) and not by this process. ${url}`
  },
  lanes: ofField("lanes", "N"),
  runnerTimeout: ofField("runnerTimeout", "DURATION")
} as const satisfies Readonly<Record<string, Flag>>

/** Of a runner. */
export const ofRunner = {
  cluster: { value: "URL", description: url },
  host: {
    value: "HOST",
    description: "The name or address by which clients and other runners reach this one. Default: its first address " +
      "that is no loopback. With a loopback address it listens there alone, else at all of its addresses."
  },
  port: { value: "PORT", description: "The port it listens on. Default: any that is free." },
  lanes: ofRun.lanes
} as const satisfies Readonly<Record<string, Flag>>

export interface Given {
  readonly cluster: Option.Option<string>
  readonly lanes: Option.Option<string>
  readonly runnerTimeout?: Option.Option<string>
}

/** A cluster, and its options where they are given. */
export interface Cluster {
  readonly database: ClusterUrl.ClusterUrl
  readonly options: ClusterConfig.ClusterOptions
}

type Environment = Readonly<Record<string, string | undefined>>

/** The cluster that is meant; undefined where none is. A flag goes before its variable. */
export const resolve = (given: Given, environment: Environment): Effect.Effect<Cluster | undefined, CliError.Usage> =>
  Effect.gen(function*() {
    const flags = new Map(
      Object.keys(variables).flatMap((name) => {
        const value = given[name as keyof Given]
        return value !== undefined && Option.isSome(value) ? [[name, value.value] as const] : []
      })
    )
    const textOf = (name: keyof typeof variables) => flags.get(name) ?? environment[variables[name]] ?? ""
    const nameOf = (name: string) =>
      flags.has(name) ? `--${optionName(name)}` : variables[name as keyof typeof variables]
    const text = textOf("cluster")
    if (text === "") {
      const [first] = [...flags.keys()].filter((name) => name !== "cluster")
      return first === undefined ? undefined : yield* usage(`${nameOf(first)} needs --cluster`)
    }
    const database = yield* ClusterUrl.parse(nameOf("cluster"), text)
    const texts = new Map(
      (Object.keys(ClusterConfig.fields) as Array<Name>).flatMap((name) =>
        textOf(name) === "" ? [] : [[variables[name], textOf(name)] as const]
      )
    )
    const options = yield* Effect.mapError(ConfigProvider.fromMap(texts).load(ClusterConfig.fromEnv), (error) => {
      const [variable = ""] = String(error).match(/FASTGET_\w+/) ?? []
      const name = Object.entries(variables).find(([, other]) => other === variable)?.[0] ?? ""
      return usage(`${nameOf(name)} ${takes(name as Name)}`)
    })
    yield* Effect.mapError(
      ClusterConfig.resolve(options),
      ({ option }) => usage(`${nameOf(option)} ${takes(option as Name)}`)
    )
    return { database, options }
  })

const takes = (name: Name): string => `takes ${ClusterConfig.fields[name].range}`

const usage = (message: string) => new CliError.Usage({ message })
