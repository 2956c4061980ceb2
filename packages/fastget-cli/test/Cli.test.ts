/**
 * The command as a process: what it prints about itself.
 */
import { expect, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const bin = fileURLToPath(new URL("../dist/main.js", import.meta.url))

it("--version prints the version of the package", () => {
  expect(execFileSync(process.execPath, [bin, "--version"], { encoding: "utf8" }).trim()).toBe("0.0.0")
})
