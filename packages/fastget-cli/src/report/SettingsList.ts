/**
 * The settings of a run as they are shown: a name and a text each, with the
 * names of headers and without their values.
 */
import * as FastGetConfig from "fastget/FastGetConfig"
import * as Quantity from "../stats/Quantity.js"

type SettingsList = ReadonlyArray<readonly [name: string, value: string]>

/** The range of a field says whether it is a duration. */
const isDuration = (name: FastGetConfig.Name): boolean => FastGetConfig.fields[name].range.includes("duration")

/** In the order of the docs; empty where the settings are not known. */
export const make = (settings: FastGetConfig.Settings | undefined): SettingsList =>
  settings === undefined
    ? []
    : (Object.keys(FastGetConfig.fields) as Array<FastGetConfig.Name>).map((name) => [name, show(name, settings)])

const show = (name: FastGetConfig.Name, settings: FastGetConfig.Settings): string => {
  const value: unknown = settings[name]
  if (name === "headers") return Object.keys(settings.headers).join(", ") || "none"
  if (name === "retry") {
    const { base, cap, times } = settings.retry
    return `${times} times, waits from ${Quantity.millis(base)} to ${Quantity.millis(cap)}`
  }
  if (name === "logLevel") return settings.logLevel.label
  if (value === Infinity) return "unbounded"
  return typeof value === "number" && isDuration(name) ? Quantity.millis(value) : String(value)
}
