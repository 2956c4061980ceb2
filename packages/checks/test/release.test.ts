/** `npm run release:dry`, whose steps fail by themselves. */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

const program = fileURLToPath(new URL("../dist/release.js", import.meta.url))

it("a release could be made: versions, changelogs, tarballs, and every export of what npm installs", () => {
  const lines = execFileSync(process.execPath, [program], { encoding: "utf8" }).trim().split("\n")
  expect(lines).toEqual([
    expect.stringMatching(/^\d+ changesets make 0\.1\.0$/),
    "4 packages are packed, without a fault",
    expect.stringMatching(/^[2-9]\d exports are imported$/),
    "a release could be made"
  ])
}, 600_000)
