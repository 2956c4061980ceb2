/** The program as a promise of its exit code, more than once in one process. */
import { expect, it } from "@effect/vitest"
import * as Program from "../src/Program.js"

it("gives the exit code of each run", async () => {
  const codes = [await Program.run(["--version"]), await Program.run(["--nope"]), await Program.run(["--version"])]
  expect(codes).toEqual([0, 2, 0])
})
