/**
 * Files of a run that are one file by whatever names: the run is refused before
 * any is opened, and says which two. What is in the way and not FastGet's stays.
 */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as SameFile from "../../src/output/SameFile.js"
import { fastget, folder, lines, shell } from "../support/Process.js"

const list = "http://127.0.0.1:1/a\nhttp://127.0.0.1:1/b\n"

/** A folder with a list, links to it, and a file of headers. */
const setUp = Effect.map(folder, (path) => {
  const at = (name: string) => Path.join(path, name)
  Fs.writeFileSync(at("urls.txt"), list)
  Fs.symlinkSync("urls.txt", at("link.txt"))
  Fs.linkSync(at("urls.txt"), at("hard.txt"))
  Fs.mkdirSync(at("sub"))
  Fs.symlinkSync("../urls.txt", at("sub/link.txt"))
  Fs.symlinkSync("new.ndjson", at("dangling"))
  Fs.writeFileSync(at("headers"), "a: b\n")
  Fs.writeFileSync(at("old.retry"), list)
  return { path, at, names: Fs.readdirSync(path).sort() }
})

it.scopedLive(
  "two files that are one are bad usage that names both, and nothing is touched",
  () =>
    Effect.gen(function*() {
      const { at, names, path } = yield* setUp
      const cases: ReadonlyArray<readonly [args: string, first: string, second: string]> = [
        ["urls.txt -o urls.txt --overwrite", "the input urls.txt", "--output urls.txt"],
        ["urls.txt -o sub/../urls.txt --resume", "the input urls.txt", "--output sub/../urls.txt"],
        ["urls.txt -o link.txt --overwrite", "the input urls.txt", "--output link.txt"],
        ["sub/link.txt -o hard.txt --overwrite", "the input sub/link.txt", "--output hard.txt"],
        ["urls.txt -o out --errors hard.txt --overwrite", "the input urls.txt", "--errors hard.txt"],
        ["urls.txt -o out --summary link.txt", "the input urls.txt", "--summary link.txt"],
        ["urls.txt -o out --report hard.txt", "the input urls.txt", "--report hard.txt"],
        ["urls.txt --header-file headers -o headers --overwrite", "--header-file headers", "--output headers"],
        ["urls.txt --header-file headers -o out --summary headers", "--header-file headers", "--summary headers"],
        ["urls.txt -o new.ndjson --errors ./new.ndjson", "--output new.ndjson", "--errors ./new.ndjson"],
        ["urls.txt -o new.ndjson --errors dangling", "--output new.ndjson", "--errors dangling"],
        ["urls.txt -o out --summary new --report sub/../new", "--summary new", "--report sub/../new"],
        ["urls.txt -o out --output-dir out", "--output out", "--output-dir out"],
        ["old.retry -o old", "the input old.retry", "beside old"],
        ["urls.txt -o out --errors out.retry", "--errors out.retry", "beside out"],
        ["urls.txt -o out --summary out.lock", "--summary out.lock", "beside out"],
        ["urls.txt -o out --errors errors --report errors.next", "--report errors.next", "beside errors"],
        ["-o urls.txt --overwrite < urls.txt", "stdin", "--output urls.txt"],
        ["/dev/stdin -o link.txt --overwrite < hard.txt", "stdin", "--output link.txt"],
        ["/dev/fd/3 -o urls.txt --overwrite 3< urls.txt", "the input /dev/fd/3", "--output urls.txt"],
        ["urls.txt >> hard.txt", "the input urls.txt", "stdout"],
        ["< urls.txt >> link.txt", "stdin", "stdout"],
        ["urls.txt -o /dev/fd/3 3>> urls.txt", "the input urls.txt", "--output /dev/fd/3"]
      ]
      yield* Effect.forEach(cases, ([args, first, second]) =>
        Effect.map(shell(`fastget ${args}`, { cwd: path }), ({ code, stderr, stdout }) => {
          expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: "" })
          expect(stderr).toMatch(/ are the same/)
          expect(stderr).toContain(first)
          expect(stderr.slice(stderr.indexOf(" and "))).toContain(second)
        }), { concurrency: 2 })
      expect(Fs.readFileSync(at("urls.txt"), "utf8")).toBe(list)
      expect(Fs.readFileSync(at("headers"), "utf8")).toBe("a: b\n")
      expect(Fs.readdirSync(path).sort()).toEqual(names)
    }),
  120_000
)

it.scopedLive("stdin is read once only, by whatever names it is given", () =>
  Effect.gen(function*() {
    const { path } = yield* setUp
    const { code, stderr, stdout } = yield* shell("fastget /dev/stdin - < <(cat urls.txt)", { cwd: path })
    expect({ code, stderr, stdout }).toEqual({ code: 2, stderr: "fastget: stdin can be read once only\n", stdout: "" })
  }))

it.scopedLive(
  "what does no harm is let through: the same input twice, devices, two outputs of the shell",
  () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make()
      const path = yield* folder
      Fs.writeFileSync(Path.join(path, "urls.txt"), `${url}/a\n`)
      Fs.writeFileSync(Path.join(path, "no-json.txt"), `${url}/b\nhello\n`)
      const twice = yield* shell("fastget -q urls.txt ./urls.txt", { cwd: path })
      expect(lines(twice.stdout).map(({ id }) => Number(id)).sort()).toEqual([1, 2])
      const device = yield* shell("fastget -q urls.txt -o /dev/null --errors /dev/null --summary /dev/null", {
        cwd: path
      })
      expect(device).toEqual({ code: 0, stdout: "", stderr: "" })
      yield* shell("fastget -q no-json.txt -o /dev/stdout --errors /dev/stderr > both 2>&1", { cwd: path })
      expect(lines(Fs.readFileSync(Path.join(path, "both"), "utf8"))).toHaveLength(2)
      yield* shell("fastget -q urls.txt -o - --errors - >> both", { cwd: path })
      expect(lines(Fs.readFileSync(Path.join(path, "both"), "utf8"))).toHaveLength(3)
    }),
  120_000
)

it.scopedLive(
  "two new names that the file system takes for one are the same file, and others are not",
  () =>
    Effect.gen(function*() {
      const path = yield* folder
      const use = (role: string, name: string): SameFile.Use => ({
        role,
        name: Path.join(path, name),
        access: "write",
        descriptor: undefined
      })
      Fs.writeFileSync(Path.join(path, "probe"), "")
      const ignoresCase = Fs.existsSync(Path.join(path, "PROBE"))
      const conflict = SameFile.conflict([use("--output", "Out.ndjson"), use("--errors", "out.ndjson")])
      expect(conflict !== undefined).toBe(ignoresCase)
      expect(SameFile.conflict([use("--output", "a"), use("--errors", "b")])).toBeUndefined()
      expect(Fs.readdirSync(path)).toEqual(["probe"])
    }),
  120_000
)

it.scopedLive("a FILE.retry that is not FastGet's is left alone by every kind of run", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const path = yield* folder
    const at = (name: string) => Path.join(path, name)
    const run = (...args: ReadonlyArray<string>) =>
      fastget(["-q", "-o", "out", ...args], { cwd: path, stdin: `${url}/a\n` })
    for (const mine of ["my notes\n", "no line feed", `{"id":1,"mine":true}\n`]) {
      Fs.writeFileSync(at("out.retry"), mine)
      Fs.rmSync(at("out"), { force: true })
      expect((yield* run()).code).toBe(0)
      expect((yield* run("--overwrite")).code).toBe(0)
      for (const args of [["--resume"], ["--retry-failed"]]) {
        const { code, stderr } = yield* run(...args)
        expect(code).toBe(3)
        expect(stderr).toContain("out.retry is not what a retry of this output has left")
      }
      expect(Fs.readFileSync(at("out.retry"), "utf8")).toBe(mine)
      expect(lines(Fs.readFileSync(at("out"), "utf8"))).toHaveLength(1)
    }
    Fs.rmSync(at("out.retry"))
    Fs.writeFileSync(at("elsewhere"), Fs.readFileSync(at("out")))
    Fs.symlinkSync("elsewhere", at("out.retry"))
    expect((yield* run("--retry-failed")).code).toBe(3)
    expect(lines(Fs.readFileSync(at("elsewhere"), "utf8"))).toHaveLength(1)
  }), 120_000)

it.scopedLive("a FILE.next that is not FastGet's is not written over", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make((_, response) => {
      response.statusCode = 500
      response.end()
    })
    const path = yield* folder
    const run = (...args: ReadonlyArray<string>) =>
      fastget(["-q", "-o", "out", "--retry-times", "0", ...args], { cwd: path, stdin: `${url}/a\n` })
    expect((yield* run()).code).toBe(1)
    Fs.writeFileSync(Path.join(path, "out.next"), "mine\n")
    const { code, stderr } = yield* run("--retry-failed")
    expect(code).toBe(3)
    expect(stderr).toContain("out.next is not what a retry")
    expect(Fs.readFileSync(Path.join(path, "out.next"), "utf8")).toBe("mine\n")
    Fs.rmSync(Path.join(path, "out.next"))
    expect((yield* run("--resume")).code).toBe(1)
    expect(lines(Fs.readFileSync(Path.join(path, "out"), "utf8"))).toHaveLength(1)
  }), 120_000)

it.scopedLive(
  "outcomes of a retry that was not finished are neither dropped nor merged into another output",
  () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make()
      const path = yield* folder
      const retry = Path.join(path, "out.retry")
      const run = (...args: ReadonlyArray<string>) =>
        fastget(["-q", "-o", "out", ...args], { cwd: path, stdin: `${url}/a\n` })
      expect((yield* run()).code).toBe(0)
      Fs.renameSync(Path.join(path, "out"), retry)
      const { code, stderr } = yield* run()
      expect(code).toBe(3)
      expect(stderr).toContain("out.retry is there already, with outcomes of a retry")
      expect(lines(Fs.readFileSync(retry, "utf8"))).toHaveLength(1)
      expect((yield* run("--overwrite")).code).toBe(0)
      expect(Fs.readdirSync(path)).toEqual(["out"])
    }),
  120_000
)

it.scopedLive(
  "--resume takes a file without a line feed for a crash's only where it begins as a record",
  () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make()
      const path = yield* folder
      const file = Path.join(path, "out")
      const run = (content: string) => {
        Fs.writeFileSync(file, content)
        return fastget(["-q", "-o", "out", "--resume"], { cwd: path, stdin: `${url}/a\n` })
      }
      expect((yield* run("my only note")).code).toBe(3)
      expect(Fs.readFileSync(file, "utf8")).toBe("my only note")
      expect((yield* run(`{"id":1,"ok":tr`)).code).toBe(0)
      expect(lines(Fs.readFileSync(file, "utf8"))).toHaveLength(1)
    }),
  120_000
)

it.scopedLive(
  "a body takes the place of no other file: neither of one that was there, nor of one of the run",
  () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make((_, response) => response.end("[1]"))
      const path = yield* folder
      const at = (name: string) => Path.join(path, name)
      const ids = "notes\nids\nout.ndjson\nsum\nplain\n"
      Fs.writeFileSync(at("ids"), ids)
      Fs.writeFileSync(at("notes"), "mine")
      const run = (...args: ReadonlyArray<string>) =>
        fastget(
          [
            "-q",
            "ids",
            "--template",
            `${url}/{}`,
            "--output-dir",
            ".",
            "-o",
            "out.ndjson",
            "--summary",
            "sum",
            ...args
          ],
          { cwd: path }
        )
      const refused = yield* run()
      expect(refused.code).toBe(3)
      expect(refused.stderr).toContain("notes is there already, with other content: --overwrite replaces it")
      expect(Fs.readFileSync(at("notes"), "utf8")).toBe("mine")
      // It may be what a crash has left: the body goes beside it.
      expect((yield* run("--resume")).code).toBe(0)
      const fileOf = (): Readonly<Record<string, string>> =>
        Object.fromEntries(lines(Fs.readFileSync(at("out.ndjson"), "utf8")).map(({ file, id }) => [id, file!]))
      expect(Fs.readFileSync(at("notes"), "utf8")).toBe("mine")
      expect(fileOf()).toMatchObject({ notes: expect.stringMatching(/^notes~/), plain: "plain" })
      expect((yield* run("--overwrite")).code).toBe(0)
      expect(fileOf()).toMatchObject({
        notes: "notes",
        plain: "plain",
        ids: expect.stringMatching(/^ids~/),
        "out.ndjson": expect.stringMatching(/^out_ndjson~/),
        sum: expect.stringMatching(/^sum~/)
      })
      for (const file of Object.values(fileOf())) expect(Fs.readFileSync(at(file), "utf8")).toBe("[1]")
      expect(Fs.readFileSync(at("ids"), "utf8")).toBe(ids)
      expect(JSON.parse(Fs.readFileSync(at("sum"), "utf8")).succeeded).toBe(5)
      // The same content is no conflict.
      const again = yield* fastget(["-q", "--template", `${url}/{}`, "--output-dir", "."], {
        cwd: path,
        stdin: "plain\n"
      })
      expect(again.code).toBe(0)
    }),
  120_000
)
