import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as BodyFolder from "../../src/output/BodyFolder.js"
import { folder } from "../support/Process.js"

const url = "http://a.example/"

/** Writes a body for the id a into a folder where a.json is something else. */
const write = (mode: BodyFolder.Options["mode"], there: string, body: string, others: ReadonlyArray<string> = []) =>
  Effect.gen(function*() {
    const path = yield* folder
    Fs.writeFileSync(Path.join(path, "a.json"), there)
    const options = { path, extension: ".json", mode, others: others.map((name) => Path.join(path, name)) }
    const bodies = yield* BodyFolder.make(options)
    const name = yield* bodies.write("a", url, false, Buffer.from(body))
    return { name, text: Fs.readFileSync(Path.join(path, name), "utf8"), files: Fs.readdirSync(path) }
  })

describe("BodyFolder", () => {
  it.scoped("replaces a file only where it is to overwrite", () =>
    Effect.gen(function*() {
      expect(yield* write("overwrite", "old", "new")).toEqual({ name: "a.json", text: "new", files: ["a.json"] })
      expect((yield* Effect.flip(write("new", "old", "new"))).message).toMatch(/is there already, with other content/)
    }))

  it.scoped("gives a body another name in a resumed run where something else has its name", () =>
    Effect.gen(function*() {
      const { files, name, text } = yield* write("resume", "old", "new")
      expect([name === "a.json", text, files.length]).toEqual([false, "new", 2])
    }))

  it.scoped("leaves a file with the same content as it is", () =>
    Effect.gen(function*() {
      expect((yield* write("new", "same", "same")).files).toEqual(["a.json"])
    }))

  it.scoped("writes into none of the run's other files", () =>
    Effect.gen(function*() {
      const { name } = yield* write("overwrite", "the output", "body", ["A.json"])
      expect(name).toMatch(/^a~/)
    }))
})
