/** What `npm run check` runs, a test for each, so that one which fails is told and counted like any other test. */
import { execFile } from "node:child_process"
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("../../../", import.meta.url))

const { scripts } = JSON.parse(Fs.readFileSync(`${root}package.json`, "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>
}

/** The scripts that one runs in the end: itself, or those it only calls. */
const leavesOf = (name: string): ReadonlyArray<string> => {
  const called = scripts[name]!.split(" && ").map((line) => /^npm run (?:--silent )?([\w:]+)$/.exec(line)?.[1])
  return called.includes(undefined) ? [name] : called.flatMap((script) => leavesOf(script!))
}

/** What a script printed, where it failed. */
const complaintOf = (script: string): Promise<string> =>
  new Promise((resolve) => {
    execFile(
      "npm",
      ["run", "--silent", script],
      { cwd: root, shell: process.platform === "win32" },
      (error, out, err) => resolve(error === null ? "" : `${error.message}\n${out}${err}`)
    )
  })

describe("npm run check", () => {
  it.each(leavesOf("check"))("%s", async (script) => {
    expect(await complaintOf(script)).toBe("")
  }, 600_000)
})
