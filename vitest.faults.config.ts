import { defineConfig } from "vitest/config"
import FaultTable from "./packages/fastget-node/test/faults/FaultTable.js"
import { bundledWorkers } from "./vitest.workspace.js"

// `npm run faults`: every row of docs/faults.md 10,000 times on each path, and a table of what was measured.
export default defineConfig({
  test: {
    // Said here, or all folders of vitest.workspace.ts were the projects.
    projects: [{
      extends: true,
      test: {
        name: "faults",
        root: "packages/fastget-node/test/faults",
        include: ["*.test.ts"],
        globalSetup: [bundledWorkers]
      }
    }],
    pool: "forks",
    fileParallelism: false,
    env: { FAULT_REPEATS: process.env.FAULT_REPEATS ?? "10000" },
    reporters: [new FaultTable(), "default"]
  }
})
