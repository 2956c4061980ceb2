/**
 * The version of the package, as its manifest says it.
 */
import * as Fs from "node:fs"

const manifest = JSON.parse(Fs.readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string
}

export const version: string = manifest.version
