/**
 * What the name of an output says: the format, and whether it is compressed;
 * and how such files are gone on with.
 */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer } from "loopback"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Zlib from "node:zlib"
import * as OutputName from "../../src/output/OutputName.js"
import * as TsvRecords from "../../src/output/TsvRecords.js"
import { fastget, folder, lines, startFastget } from "../support/Process.js"
import { within } from "../support/Within.js"

it("the ending of a name tells the format, and .gz after it that it is compressed", () => {
  const cases: ReadonlyArray<readonly [name: string, kind: OutputName.Kind | undefined, isGzip: boolean]> = [
    ["out.csv", "csv", false],
    ["OUT.CSV", "csv", false],
    ["a.b/out.tsv", "tsv", false],
    ["out.tab", "tsv", false],
    ["out.ndjson", "ndjson", false],
    ["out.jsonl", "ndjson", false],
    ["out.csv.gz", "csv", true],
    ["out.NDJSON.GZ", "ndjson", true],
    ["out.gz", undefined, true],
    ["out", undefined, false],
    ["csv", undefined, false],
    ["out.csv.old", undefined, false],
    ["out.constructor", undefined, false],
    ["out.csv/", undefined, false],
    ["stdout", undefined, false],
    ["/dev/fd/63", undefined, false]
  ]
  for (const [name, kind, isGzip] of cases) expect([name, OutputName.read(name)]).toEqual([name, { kind, isGzip }])
})

const setUp = Effect.gen(function*() {
  const { requests, url } = yield* LoopbackServer.make((request, response) => {
    if (request.url === "/404") response.statusCode = 404
    response.end(JSON.stringify({ text: `a\tb\nc\\d "e" é`, path: request.url }))
  })
  const path = yield* folder
  const at = (name: string) => Path.join(path, name)
  Fs.writeFileSync(at("urls.txt"), `${url}/1\n${url}/404\nno URL\n`)
  const run = (...args: ReadonlyArray<string>) =>
    fastget(["-q", "--retry-times", "0", "urls.txt", ...args], { cwd: path })
  const read = (name: string) => Fs.readFileSync(at(name), "utf8")
  return { at, path, read, requests, run, url }
})

it.scopedLive(
  "a name sets the format of the output, and of the failures; a flag goes before both",
  () =>
    Effect.gen(function*() {
      const { read, run } = yield* setUp
      const first = (name: string) => read(name).split("\n", 1)[0]
      yield* run("-o", "a.csv")
      expect(first("a.csv")).toMatch(/^id,line,.*,json$/)
      yield* run("-o", "a.tsv", "--select", "path,text")
      expect(first("a.tsv")).toMatch(/^id\tline\t.*\tpath\ttext$/)
      yield* run("-o", "b", "--errors", "b.csv")
      expect(lines(read("b"))).toHaveLength(1)
      expect(first("b.csv")).toMatch(/^id,line,.*,json$/)
      yield* run("-o", "c.csv", "--errors", "c.jsonl", "--select", "path")
      expect(first("c.csv")).toMatch(/,path$/)
      expect(lines(read("c.jsonl"))).toHaveLength(2)
      yield* run("-o", "d.csv", "--errors", "d.tsv", "--output-format", "ndjson")
      expect(lines(read("d.csv") + read("d.tsv"))).toHaveLength(3)
      const { stdout } = yield* run("--output-format", "tsv")
      expect(stdout).toMatch(/^id\tline\t/)
    }),
  120_000
)

it.scopedLive("what the name and the flags say must fit together", () =>
  Effect.gen(function*() {
    const { path, run } = yield* setUp
    const cases: ReadonlyArray<readonly [args: string, message: string]> = [
      ["-o a.ndjson --select path", "a.ndjson says NDJSON: name it .csv, or add --output-format csv"],
      ["-o a.csv --select path --output-format ndjson", "--select is for CSV and TSV: leave --output-format out"],
      ["-o a.csv --errors b.ndjson --resume", "in the same format: add --output-format"]
    ]
    for (const [args, message] of cases) {
      const { code, stderr } = yield* run(...args.split(" "))
      expect({ args, code }).toEqual({ args, code: 2 })
      expect(stderr).toContain(message)
    }
    expect(Fs.readdirSync(path)).toEqual(["urls.txt"])
    expect((yield* run("-o", "a.ndjson", "--select", "path", "--output-format", "csv")).code).toBe(1)
  }), 120_000)

it("a record of TSV is one line with a tab between two fields, whatever is in them", () => {
  const { endOf, header, read, success } = TsvRecords.make("json")
  const columns = header.split("\t").length
  for (const text of ["plain", "\t", "a\nb\r\n", "\\t", "\\", "\"", `"quoted"`, `"`, "a,b", " a ", "", "é😀"]) {
    const record = success(`id ${text}`, `http://a/${text}`, 200, text)
    expect(record.endsWith("\n")).toBe(true)
    const fields = record.slice(0, -1).split("\t")
    expect(fields).toHaveLength(columns)
    expect(fields.at(-1)!.replace(/\\(.)/g, (_, c: string) => ({ t: "\t", n: "\n", r: "\r" })[c] ?? c)).toBe(text)
    const bytes = Buffer.from(`${record}next`)
    expect(endOf(bytes, 0)).toBe(Buffer.byteLength(record))
    expect(read(bytes.subarray(0, Buffer.byteLength(record) - 1))).toMatchObject({ ok: true, url: `http://a/${text}` })
  }
  expect(success("a\tb", "", 200, "")).not.toBe(success("a b", "", 200, ""))
})

it.scopedLive("TSV is gone on with, and its failures are fetched again", () =>
  Effect.gen(function*() {
    const { at, read, requests, run } = yield* setUp
    expect((yield* run("-o", "out.tsv")).code).toBe(1)
    const all = read("out.tsv").split("\n").sort()
    expect(all).toHaveLength(5)
    Fs.writeFileSync(at("out.tsv"), read("out.tsv").slice(0, -10))
    expect((yield* run("-o", "out.tsv", "--resume")).code).toBe(1)
    expect(read("out.tsv").split("\n").sort()).toEqual(all)
    const before = requests()
    expect((yield* run("-o", "out.tsv", "--retry-failed=Status")).code).toBe(1)
    expect(requests()).toBe(before + 1)
    expect(read("out.tsv").split("\n").sort()).toEqual(all)
  }), 120_000)

it.scopedLive(
  "a compressed output is gone on with after a crash, and read by every gunzip",
  () =>
    Effect.gen(function*() {
      const { at, path, requests, run, url } = yield* setUp
      const unpack = () => Zlib.gunzipSync(Fs.readFileSync(at("out.ndjson.gz"))).toString()
      expect((yield* run("-o", "out.ndjson.gz")).code).toBe(1)
      expect(lines(unpack())).toHaveLength(3)
      const whole = Fs.readFileSync(at("out.ndjson.gz"))
      // A crash leaves a part of a member: of its header, or of what comes after that.
      for (const part of [1, 12, 18, 40]) {
        Fs.appendFileSync(at("out.ndjson.gz"), whole.subarray(0, part))
        const before = requests()
        expect((yield* run("-o", "out.ndjson.gz", "--resume")).code).toBe(1)
        expect(requests()).toBe(before)
        expect(lines(unpack())).toHaveLength(3)
      }
      Fs.appendFileSync(at("urls.txt"), `${url}/4\n`)
      expect((yield* run("-o", "out.ndjson.gz", "--resume")).code).toBe(1)
      expect(lines(unpack()).map(({ id }) => id)).toContain(4)
      expect((yield* run("-o", "out.ndjson.gz", "--retry-failed")).code).toBe(1)
      expect(lines(unpack())).toHaveLength(4)
      expect(lines(execFileSync("gzip", ["-dc", at("out.ndjson.gz")], { encoding: "utf8" }))).toHaveLength(4)
      expect(Fs.readdirSync(path).sort()).toEqual(["out.ndjson.gz", "urls.txt"])
    }),
  120_000
)

it.scopedLive("a compressed output that another program has written is not touched", () =>
  Effect.gen(function*() {
    const { at, run } = yield* setUp
    for (const foreign of [Zlib.gzipSync("mine\n"), Zlib.gzipSync(""), Buffer.from("no gzip\n"), Buffer.from("\0")]) {
      Fs.writeFileSync(at("out.gz"), foreign)
      const { code, stderr } = yield* run("-o", "out.gz", "--resume")
      expect(code).toBe(3)
      expect(stderr).toContain("out.gz can't be read: it has lines that are not fastget's")
      expect(Fs.readFileSync(at("out.gz")).equals(foreign)).toBe(true)
    }
    expect((yield* run("-o", "out.gz", "--overwrite")).code).toBe(1)
    // Even with nothing in it, it is gzip.
    Fs.writeFileSync(at("urls.txt"), "")
    expect((yield* run("-o", "empty.gz")).code).toBe(0)
    expect(Zlib.gunzipSync(Fs.readFileSync(at("empty.gz"))).toString()).toBe("")
    expect((yield* run("-o", "empty.gz", "--resume")).code).toBe(0)
  }), 120_000)

it.scopedLive(
  "after kill -9 a compressed output has whole records, and --resume the rest, each once",
  () =>
    Effect.gen(function*() {
      const { at, path, url } = yield* setUp
      const count = 30_000
      const args = ["-q", "--template", `${url}/{}`, "--range", `1001..${1000 + count}`, "-o", "out.csv.gz", "--resume"]
      let size = 0
      for (let kill = 0; kill < 2; kill++) {
        const { child, ended } = yield* startFastget(args, { cwd: path })
        yield* within(
          30_000,
          "a member more",
          () => Fs.existsSync(at("out.csv.gz")) && Fs.statSync(at("out.csv.gz")).size > size
        )
        child.kill("SIGKILL")
        yield* ended
        size = Fs.statSync(at("out.csv.gz")).size
      }
      expect((yield* fastget(args, { cwd: path })).code).toBe(0)
      const text = Zlib.gunzipSync(Fs.readFileSync(at("out.csv.gz"))).toString()
      const ids = text.split("\n").filter((line) => /^\d+,/.test(line)).map((line) => Number.parseInt(line, 10))
      expect(ids.length).toBe(count)
      expect(new Set(ids).size).toBe(count)
    }),
  120_000
)
