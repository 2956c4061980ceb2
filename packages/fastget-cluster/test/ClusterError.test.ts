import { ClusterError } from "fastget-cluster"
import { expect, it } from "vitest"

const { ClusterError: Class, isClusterError } = ClusterError

it.each([
  [{ _tag: "SqlError", cause: new Error("connect ECONNREFUSED 127.0.0.1:5432") }, "Database", "ECONNREFUSED"],
  [{ _tag: "ServeError", cause: new Error("listen EADDRINUSE") }, "Listen", "EADDRINUSE"],
  [{ _tag: "ConfigError", message: "SHARDS is no number" }, "Config", "SHARDS"],
  ["broken", "Database", "broken"]
])("an engine's error %j says what can't be used", (error, tag, detail) => {
  const made = Class.of(error)
  expect([made.reason._tag, made.message.includes(detail), isClusterError(made)]).toEqual([tag, true, true])
})

it("an error that has been told stays as it is", () => {
  const error = new Class({ reason: { _tag: "Listen", detail: "no port" } })
  expect(Class.of(error)).toBe(error)
  expect(isClusterError(new Error("other"))).toBe(false)
})
