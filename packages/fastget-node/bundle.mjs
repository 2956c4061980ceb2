/**
 * Bundles the default worker into one file, after the compiler: a thread that
 * loads one file is ready several times sooner than one that loads hundreds.
 */
import * as Esbuild from "esbuild"
import { fileURLToPath } from "node:url"
import * as Bundling from "./scripts/bundling.mjs"

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

/** Of undici only what makes connections: without fetch, caches and mocks a thread is smaller (decision 11). */
const connectionsOfUndici = {
  name: "connections of undici",
  setup: (build) => build.onResolve({ filter: /^undici$/ }, () => ({ path: path("undici-connections.mjs") }))
}

/** For `npm run test:undici8`: the same parts of undici 8, from the dependency that is called so. */
const partsOfUndici8 = {
  name: "parts of undici 8",
  setup: (build) =>
    build.onResolve(
      { filter: /^undici\/lib\// },
      ({ path: part, ...options }) =>
        build.resolve(part.replace("undici", "undici-8"), { ...options, pluginData: undefined })
    )
}

await Esbuild.build({
  entryPoints: [path("src/worker.ts")],
  outfile: path("dist/worker.js"),
  ...Bundling.options,
  plugins: process.env.UNDICI_MAJOR === "8" ? [connectionsOfUndici, partsOfUndici8] : [connectionsOfUndici]
})
