/**
 * Before the tests: bundles their worker files into one file each, as the
 * default worker is. A thread that loads hundreds of modules takes five times as
 * long to start, and the tests start hundreds of threads. `inject("workers")` is
 * the folder with the bundles; it is removed after the tests.
 */
import * as Esbuild from "esbuild"
import * as Fs from "node:fs/promises"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import type { TestProject } from "vitest/node"
import * as Bundling from "../scripts/bundling.mjs"

declare module "vitest" {
  interface ProvidedContext {
    workers: string
  }
}

const sources = fileURLToPath(new URL("./workers/", import.meta.url))

export default async ({ provide }: TestProject): Promise<() => Promise<void>> => {
  const folder = await Fs.mkdtemp(Path.join(tmpdir(), "fastget-workers-"))
  const names = (await Fs.readdir(sources)).filter((name) => name.endsWith(".mjs"))
  await Esbuild.build({
    entryPoints: names.map((name) => Path.join(sources, name)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    ...Bundling.options
  })
  provide("workers", folder)
  return () => Fs.rm(folder, { recursive: true })
}
