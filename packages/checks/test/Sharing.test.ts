/** Which files of tests run in one thread. */
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { sharing } from "../src/Sharing.js"

const filesOf = (folder: string) => sharing(fileURLToPath(new URL(`../../${folder}`, import.meta.url)))

it("are those that start nothing, change nothing of the process, and measure no memory", () => {
  const node = filesOf("fastget-node")
  expect(filesOf("fastget")).toContain("test/RetryPolicy.test.ts")
  expect(node).toContain("test/Head.test.ts")
  // It starts threads.
  expect(node).not.toContain("test/Supervision.test.ts")
  expect(filesOf("fastget-cli").filter((name) => name.endsWith(".alone.test.ts"))).toEqual([])
})
