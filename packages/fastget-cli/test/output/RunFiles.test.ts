import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Path from "node:path"
import * as RunFiles from "../../src/output/RunFiles.js"
import * as Target from "../../src/output/Target.js"
import { folder } from "../support/Process.js"

const named = (path: string, changes: Partial<RunFiles.Named> = {}): RunFiles.Named => ({
  inputs: [Path.join(path, "in.txt")],
  headerFiles: [],
  limits: undefined,
  output: Target.of(Path.join(path, "out.ndjson")),
  errors: undefined,
  summary: undefined,
  report: undefined,
  folder: undefined,
  ...changes
})

it.scoped("no two files of a run may be one, those that it makes for itself included", () =>
  Effect.gen(function*() {
    const path = yield* folder
    const at = (name: string) => Target.of(Path.join(path, name))
    yield* RunFiles.check(named(path))
    for (const name of ["in.txt", "out.ndjson", "out.ndjson.lock", "out.ndjson.retry", "out.ndjson.next"]) {
      const error = yield* Effect.flip(RunFiles.check(named(path, { summary: at(name) })))
      expect(error.message).toMatch(/are the same file: name another one/)
    }
  }))

it.scoped("the names are those of all files but the folder", () =>
  Effect.gen(function*() {
    const path = yield* folder
    const names = RunFiles.names(named(path, { folder: Path.join(path, "bodies") }))
    expect(names.map((name) => Path.basename(name))).toEqual([
      "in.txt",
      "out.ndjson",
      "out.ndjson.retry",
      "out.ndjson.next",
      "out.ndjson.lock"
    ])
  }))
