import { defineConfig } from "vitest/config"
import projects from "./vitest.workspace.js"

// Worker threads load packages/*/dist: build before you test.
export default defineConfig({
  test: {
    projects,
    pool: "forks",
    // Tests measure times and use every core by themselves: one file at a time.
    fileParallelism: false,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // `.ci/run` reads the numbers of passed and failed tests from the report.
    reporters: process.env.CI ? ["default", "json"] : ["default"],
    outputFile: { json: ".ci/report.json" }
  }
})
