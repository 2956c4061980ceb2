/** Runs each program as a reader does, and looks at all it prints. */
import { Sqlite } from "loopback"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, it } from "vitest"

const example = async (name: string) => {
  const run = fileURLToPath(new URL("run.mjs", import.meta.url))
  const { stderr, stdout } = await promisify(execFile)(process.execPath, [run, name])
  expect(stderr).toBe("")
  return stdout.split("\n").slice(0, -1)
}

it("pairs: every pair of an iterable comes back with its answer", async () => {
  expect(await example("pairs")).toEqual(["1000 answers, the 7th is {\"path\":\"/items/7\"}"])
})

it("schema: results are typed, and each failure says its reason", async () => {
  expect(await example("schema")).toEqual([
    "ada: Ada, born in 1815",
    "bob: not a user, at born",
    "carol: the server answered 404",
    "grace: Grace, born in 1906"
  ])
})

it("own-worker: the thread adds the token and sends only what the schema keeps", async () => {
  expect(await example("own-worker")).toEqual([
    "100 articles, one of them {\"title\":\"Article /42\",\"tags\":[\"a\",\"b\"]}"
  ])
})

it("rate: a server with a limit is asked no faster than it admits", async () => {
  expect(await example("rate")).toEqual(["100 answers, at most 50 a second"])
})

it.skipIf(Sqlite.isMissing)("cluster: a stream is answered by the owners of its origins", async () => {
  // On a busy machine the engine warns that no runner is healthy yet, before the only one has said that it is.
  expect((await example("cluster")).at(-1)).toBe("1000 answers over the cluster")
})

it("live-input: what is found is fed back in until nothing is left", async () => {
  expect(await example("live-input")).toEqual(["read 1000 pages, starting from one"])
})
