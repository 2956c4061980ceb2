import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Journal from "../../src/output/Journal.js"
import * as NdjsonRecords from "../../src/output/NdjsonRecords.js"
import * as RecordFile from "../../src/output/RecordFile.js"
import { folder } from "../support/Process.js"

const format = NdjsonRecords.make("json")

const record = (id: string, json = "1") => format.success(id, `http://a.example/${id}`, 200, json)

/** A file with this text in a new folder. */
const file = (text: string) =>
  Effect.map(folder, (path): RecordFile.RecordFile => {
    const name = Path.join(path, "a.ndjson")
    Fs.writeFileSync(name, text)
    return { path: name, format, isGzip: false }
  })

describe("Journal", () => {
  it.scoped("cuts off the part of a record that a crash has left", () =>
    Effect.gen(function*() {
      const output = yield* file(`${record("a")}{"id":"b`)
      const { lengths, outcomes, succeeded } = yield* Journal.read({ output, errors: undefined }, {
        wanted: undefined,
        withIds: true
      })
      expect([lengths, outcomes.size(), succeeded.has("a")]).toEqual([[record("a").length, 0], 1, true])
      const sink = yield* Journal.open(output, lengths[0])
      yield* sink.write(Buffer.from(record("c")))
      expect(Fs.readFileSync(output.path, "utf8")).toBe(record("a") + record("c"))
    }))

  it.scoped("merges the outcomes of a retry that a crash has left, and again from any point", () =>
    Effect.gen(function*() {
      const output = yield* file(record("a") + record("b"))
      const retry = Journal.retryName(output.path)
      for (let n = 0; n < 2; n++) {
        Fs.writeFileSync(retry, record("a", "2"))
        yield* Journal.merge({ output, errors: undefined })
        expect(Fs.readFileSync(output.path, "utf8")).toBe(record("b") + record("a", "2"))
        expect(Fs.existsSync(retry)).toBe(false)
      }
    }))

  it.scoped("a new output refuses the outcomes of another one's retry, or forgets them", () =>
    Effect.gen(function*() {
      const output = yield* file("")
      const files = { output, errors: undefined }
      Fs.writeFileSync(Journal.retryName(output.path), record("a"))
      expect((yield* Effect.flip(Journal.refuseRetry(files))).message).toMatch(/with outcomes of a retry/)
      yield* Journal.forget(files)
      yield* Journal.refuseRetry(files)
    }))
})

describe("RecordFile", () => {
  const scan = (file: RecordFile.RecordFile) => {
    const ids: Array<string> = []
    return Effect.map(
      RecordFile.scan(file, (records) => Effect.sync(() => records.forEach(({ found }) => ids.push(found.idText)))),
      (length) => ({ ids, length })
    )
  }

  it.scoped("gives the whole records, and their length", () =>
    Effect.gen(function*() {
      const text = record("a") + record("b")
      expect(yield* scan(yield* file(`${text}{"id":`))).toEqual({ ids: ["\"a\"", "\"b\""], length: text.length })
      expect(yield* scan({ path: Path.join(yield* folder, "none"), format, isGzip: false })).toEqual({
        ids: [],
        length: 0
      })
    }))

  it.scoped("refuses what fastget has not written", () =>
    Effect.gen(function*() {
      for (const text of ["hello", "hello\n", `${record("a")}hello\n`]) {
        expect(yield* Effect.flip(scan(yield* file(text)))).toBeInstanceOf(RecordFile.Refused)
      }
    }))
})
