/**
 * Outputs of every kind that are gone on with: after the list has changed, after
 * an older version, and with bodies in a folder that other outputs have, too.
 */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Zlib from "node:zlib"
import * as GzipRecords from "../../src/output/GzipRecords.js"
import * as AskedRuns from "../support/AskedRuns.js"
import { lines } from "../support/Process.js"

/** Runs of lists of URLs, without a word on stderr but of what is wrong. */
const setting = (statusOf?: (path: string) => number) =>
  Effect.map(AskedRuns.make(statusOf), ({ run, ...rest }) => ({
    ...rest,
    run: (args: ReadonlyArray<string>, ...urls: ReadonlyArray<string>) =>
      Effect.map(
        run(["-q", ...args], urls.map((name) => `${name}\n`).join("")),
        ({ asked, code, stderr }) => ({ code, stderr, asked })
      )
  }))

/** As a compressed output has it. */
const packed = (text: string) =>
  Effect.scoped(Effect.gen(function*() {
    const members: Array<Buffer> = []
    const sink = yield* GzipRecords.over(
      { write: (bytes) => Effect.sync(() => void members.push(bytes)), sync: Effect.void },
      true
    )
    yield* sink.write(Buffer.from(text))
    yield* sink.sync
    return Buffer.concat(members)
  }))

it.scopedLive(
  "failures in compressed tables are fetched again after the list has changed, each in its old place",
  () =>
    Effect.gen(function*() {
      let status = 500
      const { file, path, run, url } = yield* setting((path) => /[b-d]/.test(path) ? status : 200)
      const list = (...names: ReadonlyArray<string>) => names.map((name) => `${url}/${name}`)
      for (const ending of ["csv.gz", "tsv.gz"]) {
        const args = ["-o", `out.${ending}`, "--errors", `errors.${ending}`]
        const rows = (name: string) =>
          Zlib.gunzipSync(Fs.readFileSync(file(`${name}.${ending}`))).toString().split("\n").slice(1, -1)
            .map((row) => row.split(/[,\t]/).slice(0, 3).join(" ").replace(url, "")).sort()
        status = 500
        expect(yield* run(args, ...list("a", "b", "c", "d"))).toMatchObject({ code: 1 })
        expect([rows("out"), rows("errors")]).toEqual([["1  /a"], ["2  /b", "3  /c", "4  /d"]])
        status = 200
        const retried = yield* run([...args, "--retry-failed"], ...list("new", "d", "c", "a", "b?2"))
        expect(retried).toMatchObject({ code: 1, asked: ["/c", "/d"] })
        expect([rows("out"), rows("errors")]).toEqual([["1  /a", "3  /c", "4  /d"], ["2  /b"]])
        const resumed = yield* run([...args, "--resume"], ...list("new", "d", "c", "a", "b?2"))
        expect(resumed).toMatchObject({ code: 1, asked: ["/b?2", "/new"] })
        expect([rows("out"), rows("errors")])
          .toEqual([["1  /a", "1  /new", "3  /c", "4  /d", "5  /b?2"], ["2  /b"]])
      }
      expect(Fs.readdirSync(path).sort()).toEqual(["errors.csv.gz", "errors.tsv.gz", "out.csv.gz", "out.tsv.gz"])
    }),
  120_000
)

const oldNdjson = `{"id":1,"ok":true,"status":200,"json":1}\n`
const oldCsv = "id,line,status,error,message,json\n1,,200,,,1\n"
const oldTsv = oldCsv.replaceAll(",", "\t")

it.scopedLive(
  "outputs without URLs are refused, be they tables or compressed, and left as they are",
  () =>
    Effect.gen(function*() {
      const { file, path, run, url } = yield* setting()
      const runs: ReadonlyArray<readonly [name: string, content: Buffer, args: string]> = [
        ["out.tsv", Buffer.from(oldTsv), "-o out.tsv --resume"],
        ["out.tsv", Buffer.from(oldTsv), "-o out.tsv --retry-failed"],
        ["out.tsv.gz", yield* packed(oldTsv), "-o out.tsv.gz --resume"],
        ["out.csv.gz", yield* packed(oldCsv), "-o out.csv.gz --resume"],
        ["out.gz", yield* packed(oldNdjson), "-o out.gz --retry-failed"],
        ["errors.gz", yield* packed(oldNdjson), "-o out --errors errors.gz --resume"],
        ["out.csv.gz.retry", yield* packed(oldCsv), "-o out.csv.gz --resume"]
      ]
      for (const [name, content, args] of runs) {
        Fs.writeFileSync(file(name), content)
        const { asked, code, stderr } = yield* run(args.split(" "), `${url}/a`)
        expect({ args, code, asked }).toEqual({ args, code: 3, asked: [] })
        expect(stderr).toContain(`${name} can't be read: an older fastget wrote it, without the URLs`)
        expect(Fs.readFileSync(file(name)).equals(content)).toBe(true)
        expect(Fs.readdirSync(path)).toEqual([name])
        Fs.rmSync(file(name))
      }
    }),
  120_000
)

it.scopedLive(
  "what a retry of an older version has left is dropped by --overwrite only",
  () =>
    Effect.gen(function*() {
      const { file, path, run, url } = yield* setting()
      for (const [name, content] of [["out", oldNdjson], ["out.csv", oldCsv], ["out.tsv", oldTsv]] as const) {
        Fs.writeFileSync(file(`${name}.retry`), content)
        const refused = yield* run(["-o", name], `${url}/a`)
        expect(refused).toMatchObject({ code: 3, asked: [] })
        expect(refused.stderr).toContain(`${name}.retry can't be read: an older fastget wrote it`)
        expect(Fs.readFileSync(file(`${name}.retry`), "utf8")).toBe(content)
        expect(yield* run(["-o", name, "--overwrite"], `${url}/a`)).toMatchObject({ code: 0, asked: ["/a"] })
        expect(Fs.readdirSync(path)).toEqual([name])
        Fs.rmSync(file(name))
      }
      // A file of somebody else that looks a little like it.
      const mine = `{"id":1,"ok":true,"mine":1}\n`
      Fs.writeFileSync(file("out.retry"), mine)
      expect(yield* run(["-o", "out", "--overwrite"], `${url}/a`)).toMatchObject({ code: 0 })
      expect(Fs.readFileSync(file("out.retry"), "utf8")).toBe(mine)
    }),
  120_000
)

it.scopedLive(
  "outputs that share a folder for their bodies never replace each other's, by the same ids either",
  () =>
    Effect.gen(function*() {
      const { file, run, url } = yield* setting()
      // One that is its own name, and one that always has a hash.
      const rows = (query: string) => ["id,url", ...["a", "B"].map((id) => `${id},${url}/${id}?${query}`)]
      const args = ["--output-dir", "bodies", "-o"]
      expect((yield* run([...args, "first"], ...rows("1"))).code).toBe(0)
      const refused = yield* run([...args, "second"], ...rows("2"))
      expect(refused.code).toBe(3)
      expect(refused.stderr).toContain("is there already, with other content: --overwrite replaces it")
      for (const name of ["second", "third"]) {
        expect((yield* run([...args, name, "--resume"], ...rows(name))).code).toBe(0)
      }
      // With other URLs for the same ids, and once more with nothing to do.
      for (const wanted of [2, 0]) {
        const { asked, code } = yield* run([...args, "third", "--resume"], ...rows("4"))
        expect({ code, asked: asked.length }).toEqual({ code: 0, asked: wanted })
      }
      const all = ["first", "second", "third"].flatMap((name) => lines(Fs.readFileSync(file(name), "utf8")))
      expect(all).toHaveLength(8)
      for (const record of all) {
        const body = Fs.readFileSync(Path.join(file("bodies"), record.file!), "utf8")
        expect(`${url}${JSON.parse(body)}`).toBe(record.url)
      }
      expect(Fs.readdirSync(file("bodies")).sort()).toEqual(all.map((record) => record.file!).sort())
    }),
  120_000
)
