/** The list of long files, which the suite's order and `npm run test:quick` are made of. */
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import * as Order from "../src/Order.js"

const root = fileURLToPath(new URL("../../../", import.meta.url))

/** Whether a folder has a file of this name, in itself or in a folder below. */
const has = (folder: string, name: string): boolean =>
  Fs.readdirSync(folder, { withFileTypes: true }).some((entry) =>
    entry.isDirectory()
      ? entry.name !== "node_modules" && entry.name !== "dist" && has(`${folder}/${entry.name}`, name)
      : entry.name === name
  )

it("names files that are there", () => {
  expect(Order.long.filter(([folder, name]) => !has(root + folder, name))).toEqual([])
})

it("lets the checks begin first; the long ones follow, and all others come after them", () => {
  const files = [
    "/a/packages/fastget/test/BufferedBytes.test.ts",
    "/a/packages/fastget-cli/test/output/Resume.test.ts",
    "/a/packages/checks/test/commands.test.ts"
  ]
  expect(files.toSorted((a, b) => Order.rankOf(a) - Order.rankOf(b))).toEqual(files.toReversed())
})
