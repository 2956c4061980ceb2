/**
 * `node docs/examples/run.mjs pairs` runs an example. Node can't run TypeScript
 * itself, so esbuild makes JavaScript of all of them first, in `dist`.
 */
import { build } from "esbuild"
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL(".", import.meta.url))
const programs = Fs.readdirSync(here).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
const [name] = process.argv.slice(2)

if (name === undefined || !programs.includes(`${name}.ts`)) {
  process.stderr.write(`Usage: node docs/examples/run.mjs NAME, one of ${programs.join(" ")}\n`)
  process.exitCode = 2
} else {
  await build({ absWorkingDir: here, entryPoints: programs, outdir: "dist", format: "esm", logLevel: "warning" })
  await import(`./dist/${name}.js`)
}
