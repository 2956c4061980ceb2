import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as NdjsonRecords from "../../src/output/NdjsonRecords.js"
import * as OpenedOutput from "../../src/output/OpenedOutput.js"
import * as OutputFile from "../../src/output/OutputFile.js"
import * as Target from "../../src/output/Target.js"
import { folder } from "../support/Process.js"

const success = (id: string) => NdjsonRecords.make("json").success(id, `http://a.example/${id}`, 200, "1")

/** Opens a.ndjson, with one success in it, in a new folder. */
const open = (options: Pick<OpenedOutput.Options, "mode" | "retry">) =>
  Effect.gen(function*() {
    const path = Path.join(yield* folder, "a.ndjson")
    Fs.writeFileSync(path, success("old"))
    const file = OutputFile.make(Target.of(path), "ndjson", () => NdjsonRecords.make("json"))
    return { opened: yield* OpenedOutput.open({ file, errors: undefined, hasFolder: true, ...options }), path }
  })

describe("OpenedOutput", () => {
  it.scoped("goes on behind the records that are there, and leaves their entries out", () =>
    Effect.gen(function*() {
      const { opened, path } = yield* open({ mode: "resume", retry: undefined })
      expect(opened.choice.entry("old", "http://a.example/old", 1, false)).toBeUndefined()
      expect([opened.isTaken("old"), opened.isTaken("new")]).toEqual([true, false])
      yield* opened.sink.write(Buffer.from(success("new")))
      yield* opened.close
      expect(Fs.readFileSync(path, "utf8")).toBe(success("old") + success("new"))
    }))

  it.scoped("begins anew where it overwrites", () =>
    Effect.gen(function*() {
      const { opened, path } = yield* open({ mode: "overwrite", retry: undefined })
      expect(opened.choice.entry("old", "http://a.example/old", 1, false)).toBe("old")
      expect(Fs.readFileSync(path, "utf8")).toBe("")
    }))

  it.scoped("keeps the outcomes of a retry beside the file until it is closed", () =>
    Effect.gen(function*() {
      const { opened, path } = yield* open({ mode: "resume", retry: { wanted: () => true, only: false } })
      yield* opened.sink.write(Buffer.from(success("new")))
      expect([Fs.readFileSync(path, "utf8"), Fs.existsSync(`${path}.retry`)]).toEqual([success("old"), true])
      yield* opened.close
      expect(Fs.readFileSync(path, "utf8")).toBe(success("old") + success("new"))
      expect(Fs.existsSync(`${path}.retry`)).toBe(false)
    }))
})
