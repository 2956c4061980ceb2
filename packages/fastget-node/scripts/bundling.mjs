/** How everything of FastGet that is bundled is bundled: the default worker, the command, the workers of tests. */

/** What Node needs less time and memory for: comments would stay in the memory of each thread, twice as large where one of them is not ASCII. */
const small = { minifySyntax: true, minifyWhitespace: true, lineLimit: 160, legalComments: "none" }

export const options = {
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20.18",
  ...small,
  // Some of it is CommonJS, as undici, and asks for node:* by require, which a module does not have.
  banner: {
    js:
      "import { createRequire as __createRequire } from \"node:module\"\nconst require = __createRequire(import.meta.url)"
  }
}
