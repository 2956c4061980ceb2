/**
 * Bundles the program, after the compiler: it starts in a third of the time that
 * loading some hundred files takes. What is imported when it is needed, as the
 * engine of a cluster is, gets files of its own, which a run without it does not
 * load. The worker file stays where fastget-node has it.
 */
import * as Esbuild from "esbuild"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import * as Bundling from "../fastget-node/scripts/bundling.mjs"

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

/** How the files beside main.js are called, which have a hash of what is in them. */
const prefix = "bundle-"

for (const name of Fs.readdirSync(path("dist"))) {
  if (name.startsWith(prefix)) Fs.rmSync(Path.join(path("dist"), name))
}

await Esbuild.build({
  entryPoints: [path("src/main.ts")],
  outdir: path("dist"),
  ...Bundling.options,
  splitting: true,
  chunkNames: `${prefix}[name]-[hash]`
})
