/** How versions are made; `release.test.ts` makes them. */
import { expect, it } from "vitest"
import { withPeers } from "../src/versions.js"

it("only the peers of the group get another range, and get it back", () => {
  const manifest = JSON.stringify(
    {
      peerDependencies: { effect: "^3.22.4", fastget: "workspace:^", "fastget-node": "workspace:^" },
      devDependencies: { fastget: "workspace:^" }
    },
    undefined,
    2
  )
  const wide = withPeers(manifest, ">=0.0.0")
  expect(JSON.parse(wide)).toEqual({
    peerDependencies: { effect: "^3.22.4", fastget: "workspace:>=0.0.0", "fastget-node": "workspace:>=0.0.0" },
    devDependencies: { fastget: "workspace:^" }
  })
  expect(withPeers(wide, "^")).toBe(manifest)
})
