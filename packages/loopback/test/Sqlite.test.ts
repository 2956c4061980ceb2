import { Sqlite } from "loopback"
import { expect, it } from "vitest"

it("says why a database can't be opened, with the version of Node", () => {
  const problem = Sqlite.problemOf(() => {
    throw new Error("was compiled against a different Node.js version\nusing NODE_MODULE_VERSION 115")
  })
  expect(problem).toBe(
    `SQLite can't be used with Node ${process.versions.node}: Error: was compiled against a different Node.js version`
  )
})

it("has nothing to say where one can", () => {
  expect(Sqlite.problemOf(() => {})).toBe(false)
})
