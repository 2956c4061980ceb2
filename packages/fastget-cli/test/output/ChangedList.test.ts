/**
 * Runs that go on after the list has changed: what is asked for is what has no
 * outcome yet, by id and URL. The server counts what it is asked for.
 */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as AskedRuns from "../support/AskedRuns.js"
import { lines, startFastget } from "../support/Process.js"
import { within } from "../support/Within.js"

/** Lists that were changed, and what of them is still to be asked for. */
const changes: ReadonlyArray<readonly [change: string, list: string, asked: string]> = [
  ["unchanged", "a b c d", ""],
  ["a URL at the top", "new a b c d", "new"],
  ["one in the middle, one at the end", "a b new c d newer", "new newer"],
  ["the first one gone", "b c d", ""],
  ["one of the middle gone", "a c d", ""],
  ["the end gone", "a", ""],
  ["all gone", "", ""],
  ["another order", "d b a c", ""],
  ["one edited", "a B c d", "B"],
  ["one there twice", "a a b c d", "a"],
  ["all there three times, at another place each", "d c b a a b c d b a d c", "a a b b c c d d"],
  ["empty lines before", "\n\na b c d", ""],
  ["another list", "x y", "x y"]
]

it.scopedLive(
  "of a list of URLs --resume asks for those that have no answer, wherever the others are now",
  () =>
    Effect.gen(function*() {
      const { file, records, run, url } = yield* AskedRuns.make()
      const text = (list: string) => list.split(" ").map((name) => name.replace(/\w+$/, `${url}/$&`)).join("\n")
      Fs.writeFileSync(file("list"), text("a b c d"))
      expect((yield* run(["-q", "list", "-o", "first"])).code).toBe(0)
      for (const [index, [change, list, wanted]] of changes.entries()) {
        // The two differ in what is counted before only.
        for (const source of index % 3 === 1 ? ["a file", "stdin"] : ["a file"]) {
          Fs.copyFileSync(file("first"), file("out"))
          Fs.writeFileSync(file("list"), text(list))
          const { asked, code, stderr } = yield* source === "stdin"
            ? run(["-q", "-o", "out", "--resume"], text(list))
            : run(["-q", "list", "-o", "out", "--resume"])
          const expected = wanted.split(" ").filter((name) => name !== "").map((name) => `/${name}`)
          expect({ change, source, code, asked, stderr })
            .toEqual({ change, source, code: 0, asked: expected, stderr: "" })
          const names = list.split(/\s+/).filter((name) => name !== "")
          for (const name of new Set(names)) {
            const answers = records("out").filter((record) =>
              record.url === `${url}/${name}` && record.json === `/${name}`
            )
            expect(answers.length, `${change}: ${name}`).toBeGreaterThanOrEqual(
              names.filter((other) => other === name).length
            )
          }
        }
      }
    }),
  300_000
)

it.scopedLive(
  "--resume compares the URL of an id, whatever the format of the output, and the old outcome stays",
  () =>
    Effect.gen(function*() {
      const { file, run, url } = yield* AskedRuns.make()
      const rows = (edited: string, ...more: ReadonlyArray<string>) =>
        ["id,url", ...more, `a,${url}/1`, `"b ""x"", y",${edited}`, `7,${url}/3`, ""].join("\n")
      for (const name of ["out.ndjson", "out.csv", "out.tsv", "out.ndjson.gz", "out.csv.gz"]) {
        const args = ["-q", "-o", name, "--resume"]
        expect(yield* run(args, rows(`${url}/2?a=1`))).toMatchObject({ code: 0, asked: ["/1", "/2?a=1", "/3"] })
        const before = Fs.readFileSync(file(name), "latin1")
        expect(yield* run(args, rows(`${url}/2?a=1`, `c,${url}/4`))).toMatchObject({ code: 0, asked: ["/4"] })
        expect(yield* run(args, rows(`"${url}/2?a=2,3"`))).toMatchObject({ code: 0, asked: ["/2?a=2,3"] })
        const text = Fs.readFileSync(file(name), "latin1")
        expect(text.startsWith(before)).toBe(true)
        // The edited row is done now, and so it would be if the edit were taken back.
        expect(yield* run(args, rows(`"${url}/2?a=2,3"`))).toMatchObject({ code: 0, asked: [] })
        expect(yield* run(args, rows(`${url}/2?a=1`))).toMatchObject({ code: 0, asked: [] })
        expect(Fs.readFileSync(file(name), "latin1")).toBe(text)
      }
    }),
  120_000
)

it.scopedLive(
  "ids that are numbers of their own are no lines: an id that has another's URL now is fetched",
  () =>
    Effect.gen(function*() {
      const { run, url } = yield* AskedRuns.make()
      const rows = (...names: ReadonlyArray<string>) =>
        names.map((name, index) => `${JSON.stringify({ id: index + 1, url: `${url}/${name}` })}\n`).join("")
      const args = ["-q", "-o", "out", "--resume"]
      expect(yield* run(args, rows("a", "b", "c"))).toMatchObject({ code: 0, asked: ["/a", "/b", "/c"] })
      expect(yield* run(args, rows("b", "a", "c"))).toMatchObject({ code: 0, asked: ["/a", "/b"] })
      // With --id-field @line they are lines, and the URLs have their answers.
      const asLines = [...args, "--id-field", "@line"]
      expect(yield* run(asLines, rows("c", "b", "a", "d"))).toMatchObject({ code: 0, asked: ["/d"] })
    }),
  120_000
)

it.scopedLive(
  "rows with the same id and URL are as many entries, and each is found again, also when they move",
  () =>
    Effect.gen(function*() {
      const { records, run, url } = yield* AskedRuns.make()
      const rows = (...names: ReadonlyArray<string>) =>
        ["id,url", ...names.map((name) => `${name[0]},${url}/${name}`), ""].join("\n")
      const args = ["-q", "-o", "out", "--resume"]
      expect(yield* run(args, rows("a1", "b2", "a1", "a3"))).toMatchObject({ asked: ["/a1", "/a1", "/a3", "/b2"] })
      expect(records("out").map(({ id, line }) => `${id}${line ?? ""}`).sort()).toEqual(["a", "a4", "a5", "b"])
      expect(yield* run(args, rows("a1", "b2", "a1", "a3"))).toMatchObject({ asked: [] })
      expect(yield* run(args, rows("c9", "a3", "a1", "a1", "b2"))).toMatchObject({ asked: ["/c9"] })
      expect(yield* run(args, rows("a1", "a1", "a1"))).toMatchObject({ asked: ["/a1"] })
    }),
  120_000
)

it.scopedLive(
  "--retry-failed fetches failures again wherever they are now, and takes the places of the old ones",
  () =>
    Effect.gen(function*() {
      let status = 500
      const { file, records, run, url } = yield* AskedRuns.make((path) => /[b-d]/.test(path) ? status : 200)
      const write = (...names: ReadonlyArray<string>) =>
        Fs.writeFileSync(file("list"), names.map((name) => `${url}/${name}\n`).join(""))
      const sum = () => records("out").map(({ ok, url: at }) => `${at!.slice(-1)} ${ok}`).sort()
      write("a", "b", "c", "d")
      expect(yield* run(["-q", "list", "-o", "out"])).toMatchObject({ code: 1, asked: ["/a", "/b", "/c", "/d"] })
      status = 200
      write("new", "d", "c", "a")
      // What is new is for --resume; b is not in the list any more, and its failure stays.
      const retried = yield* run(["list", "-o", "out", "--retry-failed"])
      expect(retried).toMatchObject({ code: 1, asked: ["/c", "/d"] })
      expect(retried.stderr).toMatch(/^fetched 2 of 2 in .+, 1 done before\n/)
      expect(sum()).toEqual(["a true", "b false", "c true", "d true"])
      expect(records("out").map(({ id }) => id).sort()).toEqual([1, 2, 3, 4])
      // An edited URL is another entry.
      write("new", "d", "c", "a", "b?2")
      expect(yield* run(["-q", "list", "-o", "out", "--retry-failed", "--resume"])).toMatchObject({
        code: 1,
        asked: ["/b?2", "/new"]
      })
      expect(sum()).toEqual(["2 true", "a true", "b false", "c true", "d true", "w true"])
    }),
  120_000
)

it.scopedLive(
  "with --output-dir a body is not put in the place of one that another outcome has",
  () =>
    Effect.gen(function*() {
      const { file, records, run, url } = yield* AskedRuns.make()
      const args = ["-q", "list", "-o", "out", "--output-dir", "bodies", "--resume"]
      for (const list of [["a", "b"], ["new", "a", "b"], ["newer", "new", "a", "b", "b"]]) {
        Fs.writeFileSync(file("list"), list.map((name) => `${url}/${name}\n`).join(""))
        expect((yield* run(args)).code).toBe(0)
      }
      const all = records("out")
      expect(all.map(({ url: at }) => at!.replace(`${url}/`, "")).sort()).toEqual(["a", "b", "b", "new", "newer"])
      expect(new Set(all.map((record) => record.file)).size).toBe(5)
      expect(Fs.readdirSync(file("bodies")).sort()).toEqual(all.map((record) => record.file!).sort())
      for (const record of all) {
        const body = Fs.readFileSync(Path.join(file("bodies"), record.file!), "utf8")
        expect(`${url}${JSON.parse(body)}`).toBe(record.url)
      }
    }),
  120_000
)

it.scopedLive(
  "a bad row is done where its line has the same fault; another one there has its own outcome",
  () =>
    Effect.gen(function*() {
      const { records, run, url } = yield* AskedRuns.make()
      const args = ["-q", "-o", "out", "--resume", "--format", "ndjson"]
      const good = `{"id":1,"url":"${url}/a"}\n`
      const problems = () => records("out").flatMap(({ error, line }) => error === undefined ? [] : [line])
      expect(yield* run(args, `${good}[]\n`)).toMatchObject({ code: 1, asked: ["/a"] })
      expect(yield* run(args, `${good}[]\n`)).toMatchObject({ code: 1, asked: [] })
      expect(problems()).toEqual([2])
      expect(yield* run(args, `${good}{}\n[]\n`)).toMatchObject({ code: 1, asked: [] })
      expect(problems()).toEqual([2, 2, 3])
    }),
  120_000
)

it.scopedLive("a list or a range that is shorter now never makes a number below zero", () =>
  Effect.gen(function*() {
    const { file, run, url } = yield* AskedRuns.make()
    const range = (to: number, ...more: ReadonlyArray<string>) =>
      run(["--template", `${url}/{}`, "--range", `1..${to}`, "-o", "out", "--resume", "--summary", "sum", ...more])
    const summary = () => JSON.parse(Fs.readFileSync(file("sum"), "utf8"))
    expect((yield* range(30)).code).toBe(0)
    const shorter = yield* range(10, "--report", "report.html")
    expect(shorter).toMatchObject({ code: 0, asked: [] })
    expect(shorter.stderr).toMatch(/^fetched 0 of 0 in .+, 10 done before\n/)
    expect(summary()).toMatchObject({ total: 10, skipped: 10, succeeded: 0 })
    expect((yield* range(10, "--dry-run")).stdout).toMatch(/^Entries: 10\n/)
    const fromStdin = yield* run(
      ["--template", `${url}/{}`, "-o", "out", "--resume", "--format", "lines", "--summary", "sum"],
      "1\n2\n99\n"
    )
    // Its ids are text.
    expect(fromStdin.stderr).toMatch(/^fetched 3 of 3 in /)
    expect(summary()).toMatchObject({ total: null, skipped: 0, succeeded: 3 })
    const again = yield* run(
      ["--template", `${url}/{}`, "-o", "out", "--resume", "--format", "lines", "--summary", "sum"],
      "2\n1\n98\n"
    )
    expect(again.stderr).toMatch(/^fetched 1 of 1 in .+, 2 done before\n/)
    expect(summary()).toMatchObject({ total: null, skipped: 2, succeeded: 1 })
  }), 120_000)

it.scopedLive("outputs without URLs are refused, and left as they are", () =>
  Effect.gen(function*() {
    const { file, run, url } = yield* AskedRuns.make()
    const ndjson = `{"id":1,"ok":true,"status":200,"json":1}\n`
    const csv = "id,line,status,error,message,json\n1,,200,,,1\n"
    const failed = `{"id":1,"ok":false,"error":{"reason":"Timeout"}}\n`
    const runs: ReadonlyArray<readonly [name: string, text: string, args: ReadonlyArray<string>]> = [
      ["out", ndjson, ["--resume"]],
      ["out", failed, ["--retry-failed"]],
      ["out", csv, ["--resume", "--output-format", "csv"]],
      ["errors", failed, ["--resume", "--errors", "errors"]],
      ["out.retry", ndjson, ["--resume"]]
    ]
    for (const [name, text, args] of runs) {
      Fs.writeFileSync(file(name), text)
      const { asked, code, stderr } = yield* run(["-q", "-o", "out", ...args], `${url}/a\n`)
      expect({ name, code, asked }).toEqual({ name, code: 3, asked: [] })
      expect(stderr).toMatch(
        new RegExp(
          `^fastget: .*${name} can't be read: an older fastget wrote it, without the URLs .*, or --overwrite\n$`
        )
      )
      expect(Fs.readFileSync(file(name), "utf8")).toBe(text)
      Fs.rmSync(file(name))
    }
  }), 120_000)

it.scopedLive(
  "outcomes have the URL as it was given or made, right after the id, with its secrets",
  () =>
    Effect.gen(function*() {
      const { records, run, url } = yield* AskedRuns.make((path) => path === "/404?key=secret" ? 404 : 200)
      const given = [`${url}/a b?x="1",2#part`, `${url.toUpperCase()}/../ä/%7e`, `${url}/404?key=secret`, "no URL"]
      const { stdout } = yield* run(["-q", "--errors", "errors"], given.join("\n"))
      expect(
        [...lines(stdout), ...records("errors")].sort((a, b) => Number(a.id) - Number(b.id)).map((record) => record.url)
      )
        .toEqual(given)
      for (const text of stdout.split("\n").slice(0, -1)) expect(text).toMatch(/^\{"id":\d,"url":"/)
      expect(JSON.stringify(records("errors").map(({ error }) => ({ ...error, snippet: "" })))).not.toContain("secret")
      const made = yield* run(["-q", "--template", `${url}/{}?id={}`, "--output-format", "csv"], "x y\n")
      expect(made.stdout.split("\n")[1]).toBe(`x y,,${url}/x%20y?id=x%20y,200,,,"""/x%20y?id=x%20y"""`)
    }),
  120_000
)

it.scopedLive(
  "after kill -9 in a list whose lines are there many times --resume has each line once",
  () =>
    Effect.gen(function*() {
      const { file, records, run, url } = yield* AskedRuns.make()
      const count = 4000
      const list = Array.from({ length: count }, (_, n) => `${url}/${n % 7}\n`).join("")
      Fs.writeFileSync(file("list"), list)
      const args = ["-q", "list", "-o", "out", "--resume"]
      const { child, ended } = yield* startFastget(args, { cwd: Path.dirname(file("list")) })
      yield* within(30_000, "outcomes", () => Fs.existsSync(file("out")) && Fs.statSync(file("out")).size > 0)
      child.kill("SIGKILL")
      yield* ended
      expect((yield* run(args)).code).toBe(0)
      const all = records("out")
      expect(all.length).toBe(count)
      expect(new Set(all.map(({ id }) => id)).size).toBe(count)
      expect(all.filter(({ id, json }) => json !== `/${(Number(id) - 1) % 7}`)).toEqual([])
      expect((yield* run(args)).asked).toEqual([])
    }),
  120_000
)
