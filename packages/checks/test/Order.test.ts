/** The list of long files, which the suite's order and `npm run test:quick` are made of. */
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import * as Order from "../src/Order.js"

const root = fileURLToPath(new URL("../../../", import.meta.url))

it("names files that are there", () => {
  expect(Order.long.filter((path) => !Fs.existsSync(root + path))).toEqual([])
})

it("lets the checks begin first, the long ones follow, and all others come after them", () => {
  const files = ["packages/fastget/test/Entry.test.ts", Order.long[3]!, Order.long[0]!].map((path) => root + path)
  expect(files.sort((a, b) => Order.rankOf(a) - Order.rankOf(b)).map((file) => file.slice(root.length)))
    .toEqual(["packages/checks/test/commands.test.ts", Order.long[3], "packages/fastget/test/Entry.test.ts"])
})
