import { defineProject } from "vitest/config"

const folders = [
  "packages/fastget",
  "packages/fastget-node",
  "packages/fastget-cli",
  "packages/bench",
  "packages/checks",
  "packages/soak",
  "docs/examples"
]

/** The folders with tests. */
export default folders.map((root) =>
  defineProject({
    extends: true,
    test: { name: root.split("/").at(-1)!, root, include: ["**/*.test.ts"] }
  })
)
