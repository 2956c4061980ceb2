/**
 * `npm run test:undici8`: the suite of the client over undici 8, which needs
 * Node 22.19. The tests and what they import get it in place of undici 7 by
 * vitest.undici8.config.ts and undici8-hooks.mjs; the default worker is bundled
 * with it, and as it was again at the end.
 */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.log(`skipped: undici 8 needs Node 22.19 or newer, and this is ${process.version}`)
  process.exit(0)
}

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

const node = (args, env = {}) =>
  spawnSync(process.execPath, args, { stdio: "inherit", cwd: path("../../.."), env: { ...process.env, ...env } })
    .status ?? 1

const undici8 = { UNDICI_MAJOR: "8" }
const vitest = path("../../../node_modules/vitest/vitest.mjs")

const bundled = node([path("../bundle.mjs")], undici8)
const tested = bundled === 0
  ? node([vitest, "run", "--config", "vitest.undici8.config.ts", ...process.argv.slice(2)], undici8)
  : bundled
const restored = node([path("../bundle.mjs")])
process.exit(tested === 0 ? restored : tested)
