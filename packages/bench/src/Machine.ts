/** The machine and the versions that a result was measured with. */
import { readFileSync } from "node:fs"
import * as Os from "node:os"

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  readonly versions: Readonly<Record<string, string>>
}

const packages = [
  "effect",
  "@effect/platform",
  "@effect/platform-node",
  "undici",
  "got",
  "p-map",
  "autocannon",
  "piscina"
]

const versionOf = (name: string): string =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8")).version

export const describe = (): Machine => ({
  cpu: Os.cpus()[0]?.model.trim() ?? "unknown",
  cores: Os.availableParallelism(),
  memoryGiB: Math.round(Os.totalmem() / 2 ** 30),
  system: `${Os.type()} ${Os.release().split("-")[0]} ${Os.arch()}`,
  versions: {
    node: process.versions.node,
    ...Object.fromEntries(packages.map((name) => [name, versionOf(name)]))
  }
})
