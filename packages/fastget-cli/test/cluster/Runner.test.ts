/** A cluster that neither a run nor a runner can join. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { nobody, ofRun, secret } from "../support/ClusterRefusals.js"
import { fastget } from "../support/Process.js"

describe("a cluster that can't be", () => {
  it.scopedLive("ends a run and a runner with exit code 3, without the password", () =>
    Effect.gen(function*() {
      const run = yield* fastget(["--cluster", nobody], { stdin: "http://127.0.0.1:1/\n", env: ofRun })
      const runner = yield* fastget(["runner", "--cluster", nobody, "--host", "127.0.0.1"])
      for (const { code, stderr } of [run, runner]) {
        expect(stderr).toContain("The database of the cluster can't be used")
        expect(stderr).not.toContain(secret)
        expect(code).toBe(3)
      }
    }), 60_000)
})
