import { expect, it } from "@effect/vitest"
import manifest from "../package.json" with { type: "json" }
import * as Version from "../src/Version.js"

it("the version is the manifest's", () => {
  expect(Version.version).toBe(manifest.version)
})
