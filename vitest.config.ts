import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import Order from "./packages/checks/src/Order.js"
import SecondTries from "./packages/checks/src/SecondTries.js"
import { projects } from "./vitest.workspace.js"

// Worker threads load packages/*/dist: build before you test.
export default defineConfig(({ mode }) => ({
  test: {
    projects: projects(mode === "quick"),
    // What the tests themselves leave out or do less often.
    env: mode === "quick" ? { TEST_MODE: "quick", FAULT_REPEATS: "0" } : {},
    pool: "forks",
    sequence: { sequencer: Order },
    // More than there are cores: most of the time of most files is spent waiting.
    poolOptions: { forks: { minForks: 1, maxForks: Math.max(4, availableParallelism()) } },
    // Ends what hangs, on a slow machine too. What has to be soon is asserted by the tests themselves.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // `.ci/run` reads the numbers of passed and failed tests from the report.
    reporters: process.env.CI ? ["default", "json", new SecondTries()] : ["default"],
    // There a test that fails is run once more, and named if it passes then.
    retry: process.env.CI ? 1 : 0,
    outputFile: { json: process.env.TEST_REPORT ?? ".ci/report.json" }
  }
}))
