/** `npm run release:dry`, whose steps fail by themselves. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const program = fileURLToPath(new URL("../dist/release.js", import.meta.url))

it("a release could be made: versions, changelogs, tarballs, and every export of what npm installs", async () => {
  // Not `execFileSync`: this process has to answer the one that runs the tests meanwhile.
  const { stdout } = await promisify(execFile)(process.execPath, [program])
  expect(stdout.trim().split("\n")).toEqual([
    expect.stringMatching(/^\d+ changesets make 0\.1\.0$/),
    "4 packages are packed, without a fault",
    expect.stringMatching(/^[2-9]\d exports are imported$/),
    "a release could be made"
  ])
}, 600_000)
