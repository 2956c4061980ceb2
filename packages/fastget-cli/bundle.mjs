/**
 * Bundles the program into one file, after the compiler: it starts in a third
 * of the time that loading some hundred files takes. The worker file stays
 * where fastget-node has it.
 */
import * as Esbuild from "esbuild"
import { fileURLToPath } from "node:url"

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

await Esbuild.build({
  entryPoints: [path("src/main.ts")],
  outfile: path("dist/main.js"),
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20.18",
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160,
  legalComments: "none",
  // Some of it is CommonJS and asks for node:* by require, which a module does not have.
  banner: {
    js:
      "import { createRequire as __createRequire } from \"node:module\"\nconst require = __createRequire(import.meta.url)"
  }
})
