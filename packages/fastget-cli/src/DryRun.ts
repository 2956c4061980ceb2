/**
 * What `--dry-run` shows: the first entries, how many there are, and the
 * settings, with no secret in them.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as FetchError from "fastget/FetchError"
import type * as CliError from "./CliError.js"
import type { Cluster } from "./flags/ClusterFlags.js"
import * as LibraryFlags from "./flags/LibraryFlags.js"
import * as EntryId from "./input/EntryId.js"
import * as Input from "./input/Input.js"
import type { OutputFile } from "./output/OutputFile.js"
import type { Plan } from "./Plan.js"
import * as SettingsList from "./report/SettingsList.js"

/** Entries that are shown. */
const most = 10

export const text = (
  plan: Plan,
  settings: FastGetConfig.Settings,
  client: NodeFastGet.ClientOptions = {},
  cluster?: Cluster
): Effect.Effect<string, CliError.InputFailed> =>
  Effect.gen(function*() {
    const total = yield* Input.count(plan.input, Input.everything)
    const batch = yield* Stream.runHead(Input.batches(plan.input, Input.everything))
    const { badRows, entries } = batch._tag === "Some" ? batch.value : { badRows: [], entries: [] }
    return [
      `Entries: ${total ?? "not known before they are read"}`,
      ...entries.slice(0, most).map(([id, url]) =>
        `  ${JSON.stringify(EntryId.idOf(id))}  GET ${FetchError.redactUrl(url)}`
      ),
      ...badRows.slice(0, most).map(({ line, problem }) => `  line ${line} is no entry: ${problem}`),
      `Output: ${nameOf(plan.output.file)}${
        plan.output.errors === undefined ? "" : `, failures: ${nameOf(plan.output.errors)}`
      }${plan.output.folder === undefined ? "" : `, bodies: ${plan.output.folder.path}`}`,
      ...(cluster === undefined ? [] : [`Cluster: ${cluster.database.shown}`]),
      "Settings:",
      ...Object.entries(settings).filter(([name]) =>
        name !== "logLevel" && Object.hasOwn(FastGetConfig.fields, name) &&
        SettingsList.holds(name, cluster !== undefined)
      ).map(([name, value]) => `  ${name}: ${SettingsList.limit(name, settings) ?? show(name, value)}`),
      ...(cluster === undefined ? SettingsList.ofClient(client, millis) : []).map(([name, value]) =>
        `  ${name}: ${value}`
      ),
      ""
    ].join("\n")
  })

const millis = (n: number): string => `${n} ms`

const nameOf = ({ target }: OutputFile): string => target._tag === "PlainFile" ? target.path : target.name

const show = (name: string, value: unknown): string => {
  if (name === "headers") return Object.keys(value as object).map((header) => `${header}: ***`).join(", ") || "none"
  if (value === Infinity) return "unbounded"
  const isDuration = Object.hasOwn(LibraryFlags.all, name) && LibraryFlags.all[name]?.value === "DURATION"
  return isDuration ? millis(Number(value)) : typeof value === "object" ? JSON.stringify(value) : String(value)
}
