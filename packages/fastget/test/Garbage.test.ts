import { describe, expect, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"

/** What a program of the folder beside this file prints. */
const printedBy = (name: string, ...args: ReadonlyArray<string>): unknown =>
  JSON.parse(execFileSync(process.execPath, [
    "--allow-natives-syntax",
    fileURLToPath(new URL(`./programs/${name}.mjs`, import.meta.url)),
    ...args
  ], { encoding: "utf8" }))

describe("what a consumer leaves behind", () => {
  it("is collected soon where the consumer holds the workers back, and else when the engine likes", () => {
    expect(printedBy("left-behind", "16", "5000")).toBe(true)
    expect(printedBy("left-behind", "1024", "200")).toBe(false)
  })

  // Later ones compile `Channel.fromEffect` into its callers first.
  it.skipIf(Number(process.versions.node.split(".")[0]) >= 24)(
    "is young in the consumers of Effect, once a layer was made (Node 20 and 22)",
    () => {
      expect(printedBy("young", "layer")).toEqual({ before: false, after: true })
      expect(printedBy("young", "prepare")).toEqual({ before: false, after: true })
    }
  )
})
