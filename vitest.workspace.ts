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

const elsewhere = ["**/node_modules/**", "**/dist/**"]

/**
 * Files of tests by the ends of their names:
 *
 * - `X.test.ts`: side by side with others. Nothing is asserted of the wall
 *   clock; what has to be soon is so by the clock of `Ticks`.
 * - `X.long.test.ts`: the same, but not in `npm run test:quick`: it installs
 *   packages, runs tools over the whole repository, or repeats.
 * - `X.alone.test.ts`: measures rates or memory. It runs when all others have
 *   ended, with no other file beside it, and not in `npm run test:quick`.
 */
export const projects = (isQuick: boolean) =>
  folders.flatMap((root) => {
    const name = root.split("/").at(-1)!
    const exclude = [...elsewhere, "**/*.alone.test.ts", ...(isQuick ? ["**/*.long.test.ts"] : [])]
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
