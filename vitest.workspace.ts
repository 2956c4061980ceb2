import { defineProject } from "vitest/config"

/** The folders with tests. */
export default ["packages/fastget", "packages/fastget-node", "packages/fastget-cli", "packages/bench", "docs/examples"]
  .map((root) =>
    defineProject({
      extends: true,
      test: { name: root.split("/").at(-1)!, root, include: ["**/*.test.ts"] }
    })
  )
