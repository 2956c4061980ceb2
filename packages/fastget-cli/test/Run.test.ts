/** How a run ends that can't begin; runs that do are in Cli.test.ts and in the folders. */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Run from "../src/Run.js"
import * as Plans from "./support/Plans.js"
import { folder } from "./support/Process.js"

const run = (files: ReadonlyArray<string>, output: string) =>
  Effect.flatMap(Plans.make(files, { output }), (plan) =>
    Run.run({
      plan,
      layer: NodeFastGet.layer(),
      settings: FastGetConfig.defaults(1),
      isOverCluster: false,
      client: undefined,
      quiet: true,
      howToResume: undefined
    }))

it.scoped("fails where the output can't be opened", () =>
  Effect.gen(function*() {
    const path = yield* folder
    const error = yield* Effect.flip(run([Path.join(path, "in.txt")], Path.join(path, "none", "out.ndjson")))
    expect(error).toMatchObject({ _tag: "OutputFailed" })
  }))

it.scoped("fails where the input can't be read, and leaves no lock", () =>
  Effect.gen(function*() {
    const path = yield* folder
    const error = yield* Effect.flip(run([Path.join(path, "in.txt")], Path.join(path, "out.ndjson")))
    expect(error).toMatchObject({ _tag: "InputFailed" })
    expect(Fs.readdirSync(path)).toEqual(["out.ndjson"])
  }))
