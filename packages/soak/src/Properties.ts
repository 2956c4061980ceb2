/** The property test of fastget-node, with more runs than `npm test` has time for. */
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { SoakError } from "./SoakError.js"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const vitest = fileURLToPath(new URL("../../../node_modules/vitest/vitest.mjs", import.meta.url))

export const run = (runs: number, seed: number): Effect.Effect<void, SoakError> =>
  Effect.async((resume) => {
    const child = spawn(process.execPath, [vitest, "run", "packages/fastget-node/test/Law.test.ts"], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, PROPERTY_RUNS: String(runs), PROPERTY_SEED: String(seed) }
    })
    child.once("exit", (code) =>
      resume(code === 0 ? Effect.void : new SoakError({ message: "The property test failed." })))
    return Effect.sync(() =>
      void child.kill("SIGTERM")
    )
  })
