import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"
import { bundledWorkers } from "./vitest.workspace.js"

const root = fileURLToPath(new URL("packages/fastget-node", import.meta.url))
const undici8 = createRequire(`${root}/package.json`).resolve("undici-8")

// `npm run test:undici8`: what speaks HTTP, over undici 8. What vitest loads gets it by the alias, what Node loads by
// the hooks.
export default defineConfig({
  resolve: { alias: [{ find: /^undici$/, replacement: undici8 }] },
  test: {
    // Said here, or all folders of vitest.workspace.ts were the projects.
    projects: [{
      extends: true,
      test: {
        name: "undici8",
        root,
        globalSetup: [bundledWorkers],
        include: [
          "AddressGuard",
          "AnswerHeads",
          "ClientOptions",
          "Dispatch",
          "HappyEyeballs",
          "ConnectionPools",
          "OriginPool",
          "NodeGetClient",
          "Redirects",
          "Retry",
          "faults/{body,connect,encodings,headers,security,status,streams,tls}"
        ].map((name) => `test/${name}.test.ts`)
      }
    }],
    pool: "forks",
    poolOptions: { forks: { execArgv: ["--import", `${root}/scripts/undici8-hooks.mjs`] } },
    fileParallelism: false,
    testTimeout: 20_000,
    hookTimeout: 20_000
  }
})
