import { defineProject } from "vitest/config"
import { long } from "./packages/checks/src/Order.js"

const folders = [
  "packages/fastget",
  "packages/fastget-node",
  "packages/fastget-cli",
  "packages/bench",
  "packages/checks",
  "packages/soak",
  "packages/loopback",
  "docs/examples"
]

const elsewhere = ["**/node_modules/**", "**/dist/**"]

/**
 * Files of tests run side by side: nothing in them is asserted of the wall
 * clock, and what has to be soon is so by the clock of `Ticks`. But for those
 * that measure rates or memory: `X.alone.test.ts` runs when all others have
 * ended, with no other file beside it. The quick suite has neither those nor
 * the ones that `Order.long` lists.
 */
export const projects = (isQuick: boolean) =>
  folders.flatMap((root) => {
    const name = root.split("/").at(-1)!
    const leftOut = long.filter(([folder]) => folder === root).map(([, name]) => `**/${name}`)
    const exclude = [...elsewhere, "**/*.alone.test.ts", ...(isQuick ? leftOut : [])]
    const sideBySide = defineProject({
      extends: true,
      test: { name, root, include: ["**/*.test.ts"], exclude }
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
    return isQuick ? [sideBySide] : [sideBySide, alone]
  })
