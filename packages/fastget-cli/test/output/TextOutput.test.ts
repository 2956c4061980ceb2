import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Zlib from "node:zlib"
import * as Target from "../../src/output/Target.js"
import * as TextOutput from "../../src/output/TextOutput.js"
import { folder } from "../support/Process.js"

it.scoped("replaces a file, and compresses it where its name says so", () =>
  Effect.gen(function*() {
    const path = yield* folder
    const [plain, gzip] = [Path.join(path, "a.json"), Path.join(path, "a.json.gz")]
    Fs.writeFileSync(plain, "a longer text")
    yield* TextOutput.write(Target.of(plain), "text")
    yield* TextOutput.write(Target.of(gzip), "text")
    expect([Fs.readFileSync(plain, "utf8"), Zlib.gunzipSync(Fs.readFileSync(gzip)).toString()]).toEqual([
      "text",
      "text"
    ])
  }))

it.scoped("says why a file can't be written", () =>
  Effect.gen(function*() {
    const error = yield* Effect.flip(TextOutput.write(Target.of(Path.join(yield* folder, "none", "a")), "text"))
    expect(error.message).toMatch(/can't be written: ENOENT/)
  }))
