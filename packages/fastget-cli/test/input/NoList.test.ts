import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Zlib from "node:zlib"
import * as Format from "../../src/input/Format.js"
import * as TextSource from "../../src/input/TextSource.js"
import * as Pieces from "../support/Pieces.js"
import { fastget, folder, lines, shell } from "../support/Process.js"

const list = Array.from({ length: 30 }, (_, n) => `http://127.0.0.1/${n}`)
const text = `${list.join("\n")}\n`
const objects = list.map((url, id) => ({ id, url }))
const ndjson = objects.map((row) => `${JSON.stringify(row)}\n`).join("")

const utf32 = (text: string, write: "writeUInt32LE" | "writeUInt32BE"): Buffer => {
  const points = Array.from(text, (character) => character.codePointAt(0)!)
  const bytes = Buffer.alloc(points.length * 4)
  points.forEach((point, at) => bytes[write](point, at * 4))
  return bytes
}

const swapped = (text: string): Buffer => Buffer.from(text, "utf16le").swap16()

const noise = (size: number): Buffer => {
  const next = Pieces.random(7)
  return Buffer.from(Array.from({ length: size }, () => Math.floor(next() * 256)))
}

const begun = (start: string): Buffer => Buffer.concat([Buffer.from(start, "latin1"), noise(1000)])

const columns = { id: undefined, url: "url" }

/** Reads a text to its end: how its format was told, or why it was refused. */
const told = (pieces: ReadonlyArray<Buffer>) =>
  Effect.scoped(Effect.gen(function*() {
    const { read, start } = yield* TextSource.make(Pieces.source(pieces))
    const parts: Array<Buffer> = []
    for (let bytes = yield* read; bytes !== undefined; bytes = yield* read) parts.push(Buffer.from(bytes))
    return { format: Format.detect("stdin", start, columns), bytes: Buffer.concat(parts) }
  }))

/** The bytes at once, one by one, and after an empty piece. */
const cuts = (bytes: Buffer): ReadonlyArray<ReadonlyArray<Buffer>> => [
  [bytes],
  [Buffer.alloc(0), bytes],
  Array.from(bytes, (byte) => Buffer.from([byte]))
]

describe("an input that is no list is refused in a sentence, however it is cut into pieces", () => {
  it.effect.each<[string, Buffer, string]>([
    ["UTF-16 with a mark", Buffer.from(`\ufeff${text}`, "utf16le"), "UTF-16"],
    ["UTF-16 BE with a mark", swapped(`\ufeff${text}`), "UTF-16"],
    ["UTF-16 without a mark", Buffer.from(text, "utf16le"), "UTF-16"],
    ["UTF-16 BE without a mark", swapped(text), "UTF-16"],
    ["UTF-16 with letters that are not ASCII", Buffer.from(`id,имя,url\n1,Россия,${list[0]}\n`, "utf16le"), "UTF-16"],
    ["UTF-32", utf32(text, "writeUInt32LE"), "UTF-32"],
    ["UTF-32 BE with a mark", utf32(`\ufeff${text}`, "writeUInt32BE"), "UTF-32"],
    ["UTF-32 with a mark", utf32(`\ufeff${text}`, "writeUInt32LE"), "UTF-32"],
    ["a workbook", begun("PK\x03\x04\x14\0\x06\0"), ".xlsx"],
    ["an old workbook", begun("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "Office"],
    ["zstd", begun("\x28\xb5\x2f\xfd"), "zstd"],
    ["bzip2", begun("BZh91AY&SY"), "bzip2"],
    ["xz", begun("\xfd7zXZ\0"), "xz"],
    ["gzip in gzip", Zlib.gzipSync(Zlib.gzipSync(text)), "gzip in gzip"],
    ["SQLite", begun("SQLite format 3\0"), "SQLite"],
    ["Parquet", begun("PAR1\x15\x04"), "Parquet"],
    ["PDF", Buffer.from("%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", "latin1"), "PDF"],
    ["HTML", Buffer.from("\n<!doctype html>\n<html>\n</html>\n"), "HTML"],
    ["XML", Buffer.from("\ufeff<?xml version=\"1.0\"?>\n<urlset>\n</urlset>\n"), "XML"],
    ["an image", begun("\x89PNG\r\n\x1a\n"), "image"],
    ["a tar archive in gzip", Zlib.gzipSync(Buffer.from(`urls.txt${"\0".repeat(249)}ustar\0`)), "tar"],
    ["zeros", Buffer.alloc(1000), "binary"],
    ["NUL between the URLs", Buffer.from(list.join("\0")), "binary"],
    ["random bytes", noise(3000), "binary"],
    ["random bytes after two good lines", Buffer.concat([Buffer.from("a\nb\n"), noise(3000)]), "binary"],
    ["a JSON array of objects", Buffer.from(JSON.stringify(objects)), "JSON array"],
    ["one of strings, with a mark", Buffer.from(`\ufeff${JSON.stringify(list)}\n`), "JSON array"],
    ["one over several lines", Buffer.from(JSON.stringify(objects, undefined, 2)), "JSON array"],
    ["one with a line for each object", Buffer.from(`[${ndjson.trim().replaceAll("\n", ",\n")}]`), "JSON array"],
    ["one of numbers", Buffer.from("[1,2,3]"), "JSON array"],
    ["one of numbers over several lines", Buffer.from(" [\n  1,\n  2\n]\n"), "JSON array"],
    ["one that begins with its first number", Buffer.from("[1,\n2]\n"), "JSON array"],
    ["an empty one", Buffer.from("[]"), "JSON array"],
    ["a JSON object over several lines", Buffer.from(JSON.stringify({ urls: list }, undefined, 2)), "JSON object"]
  ])("%s", ([, bytes, word]) =>
    Effect.gen(function*() {
      for (const pieces of cuts(bytes)) {
        const { message } = yield* Effect.flip(told(pieces))
        expect(message).toMatch(/^it can't be read: it is .+$/)
        expect(message).toContain(word)
      }
    }))
})

describe("the format waits for a whole first line, however it is cut into pieces", () => {
  it.effect.each<[string, Buffer, Format.Format]>([
    ["lines", Buffer.from(text), "lines"],
    ["CSV after a mark", Buffer.from(`\ufeffid,url\n1,${list[0]}\n`), "csv"],
    ["CSV with quotes, after empty lines", Buffer.from(`\r\n \n"id","url"\r\n1,${list[0]}\n`), "csv"],
    ["CSV of old Macs", Buffer.from(`id,url\r1,${list[0]}\r`), "csv"],
    ["CSV with a long header", Buffer.from(`${"column,".repeat(20_000)}url\n`), "csv"],
    ["a header without a line feed", Buffer.from("id,url"), "csv"],
    ["TSV", Buffer.from(`id\turl\n1\t${list[0]}\n`), "tsv"],
    ["NDJSON after a mark", Buffer.from(`\ufeff${ndjson}`), "ndjson"],
    ["NDJSON whose first row is broken", Buffer.from(`{"id":1,\n${ndjson}`), "ndjson"],
    ["a row that is an array before others, which --format ndjson reads", Buffer.from(`[1,2]\n${ndjson}`), "lines"],
    ["NDJSON whose first row is a brace", Buffer.from(`{\n${ndjson}`), "ndjson"],
    ["nothing", Buffer.alloc(0), "lines"],
    ["only empty lines", Buffer.from("\n\r\n  \n"), "lines"]
  ])("%s", ([, bytes, format]) =>
    Effect.gen(function*() {
      for (const pieces of cuts(bytes)) {
        const all = yield* told(pieces)
        expect(all.format).toBe(format)
        expect(all.bytes.equals(bytes)).toBe(true)
      }
    }))

  it.effect("bytes that are not UTF-8, colours, and a NUL in a later line are for the rows to judge", () =>
    Effect.gen(function*() {
      for (
        const bytes of [
          Buffer.concat([Buffer.from(text), Buffer.from("http://127.0.0.1/\xe9\xff\xfe\n", "latin1")]),
          Buffer.from(list.map((url) => `${url}/caf\xe9\n`).join(""), "latin1"),
          Buffer.from(`\x1b[31mred\x1b[0m\n${text}`),
          Buffer.from(`${text}http://127.0.0.1/\0\n`),
          Buffer.from("[section]\nname=1\n")
        ]
      ) expect((yield* told([bytes])).bytes.equals(bytes)).toBe(true)
    }))
})

it.scopedLive(
  "what is no list ends the run with exit code 3 and no outcome: a file, a pipe, stdin, a dry run",
  () =>
    Effect.gen(function*() {
      const { requests, url } = yield* LoopbackServer.make()
      const path = yield* folder
      Fs.writeFileSync(Path.join(path, "urls.csv"), JSON.stringify([{ id: 1, url }], undefined, 2))
      Fs.writeFileSync(Path.join(path, "good.txt"), `${url}/a\n`)
      const problem = "can't be read: it is a JSON array, not one object a line; convert it to NDJSON (with jq: .[])\n"
      // Nothing of the good one is fetched.
      const file = yield* fastget(["-q", "good.txt", "urls.csv"], { cwd: path })
      expect([file, requests()]).toEqual([{ code: 3, stdout: "", stderr: `fastget: urls.csv ${problem}` }, 0])
      const dry = yield* fastget(["--dry-run", "urls.csv"], { cwd: path })
      expect(dry).toEqual({ code: 3, stdout: "", stderr: `fastget: urls.csv ${problem}` })
      const piped = yield* shell("cat urls.csv | fastget -q --format ndjson", { cwd: path })
      expect(piped).toEqual({ code: 3, stdout: "", stderr: `fastget: stdin ${problem}` })
      const fifo = yield* shell("fastget -q <(cat urls.csv)", { cwd: path })
      expect([fifo.code, fifo.stdout]).toEqual([3, ""])
      expect(fifo.stderr).toContain(problem)
      const after = yield* shell("fastget -q <(cat good.txt) <(cat urls.csv)", { cwd: path })
      expect([after.code, lines(after.stdout).length]).toEqual([3, 1])
    }),
  120_000
)
