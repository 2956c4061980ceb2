import { fileURLToPath } from "node:url"
import { defineProject } from "vitest/config"
import { isLong, long } from "./packages/checks/src/Order.js"
import { sharing } from "./packages/checks/src/Sharing.js"

const folders = [
  "packages/fastget",
  "packages/fastget-node",
  "packages/fastget-cluster",
  "packages/fastget-cli",
  "packages/bench",
  "packages/checks",
  "packages/soak",
  "packages/loopback",
  "docs/examples"
]

/** Bundles the worker files of the tests, before them. */
export const bundledWorkers = fileURLToPath(new URL("./packages/fastget-node/test/BundledWorkers.ts", import.meta.url))

const elsewhere = ["**/node_modules/**", "**/dist/**"]

/**
 * Files of tests run side by side: nothing in them is asserted of the wall
 * clock, and what has to be soon is so by the clock of `Ticks`. Those that need
 * no process of their own (`Sharing`) run in one thread, beside the processes of
 * the others. Those that measure rates or memory, `X.alone.test.ts`, run when all
 * others have ended, with no other file beside them. The quick suite has neither
 * those nor the ones that `Order.long` lists.
 */
export const projects = (isQuick: boolean) =>
  folders.flatMap((root) => {
    const name = root.split("/").at(-1)!
    const leftOut = long.filter(([folder]) => folder === root).map(([, name]) => `**/${name}`)
    const exclude = [...elsewhere, "**/*.alone.test.ts", ...(isQuick ? leftOut : [])]
    const shared = sharing(root).filter((file) => !isLong(root, file))
    const globalSetup = root === "packages/fastget-node" ? [bundledWorkers] : []
    const apart = defineProject({
      extends: true,
      test: { name, root, globalSetup, include: ["**/*.test.ts"], exclude: [...exclude, ...shared] }
    })
    const together = defineProject({
      extends: true,
      test: {
        name: `${name} together`,
        root,
        include: [...shared],
        exclude,
        pool: "threads",
        poolOptions: { threads: { singleThread: true, isolate: false } }
      }
    })
    const alone = defineProject({
      extends: true,
      test: {
        name: `${name} alone`,
        root,
        include: ["**/*.alone.test.ts"],
        sequence: { groupOrder: 1 },
        poolOptions: { forks: { singleFork: true } }
      }
    })
    return [apart, ...(shared.length === 0 ? [] : [together]), ...(isQuick ? [] : [alone])]
  })
