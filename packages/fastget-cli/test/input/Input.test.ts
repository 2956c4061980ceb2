/**
 * What goes in: every format, and rows that are none. The command as a process,
 * against a server on loopback.
 */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer, Ticks } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fastget, folder, type Line, lines, sorted, startFastget } from "../support/Process.js"

/** What a run makes of an input: the ids with the paths that were asked for, or what was wrong. */
const outcomes = (stdout: string): ReadonlyArray<readonly [id: Line["id"], what: unknown, line?: number]> =>
  sorted(lines(stdout)).map(({ error, id, json, line }) => {
    const what = error === undefined ? (json as { readonly path: string }).path : error.reason
    return line === undefined ? [id, what] : [id, what, line]
  })

const fetched = (input: string | Buffer, args: ReadonlyArray<string> = []) =>
  Effect.map(fastget(["-q", ...args], { stdin: input }), (ended) => ({ ...ended, outcomes: outcomes(ended.stdout) }))

it.scopedLive("lines: the id is the number of the line; CRLF, a byte order mark and empty lines are no part of it", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const { code, outcomes } = yield* fetched(`\ufeff${url}/a\r\n\r\n   \n${url}/b\n  ${url}/c  `)
    expect(outcomes).toEqual([[1, "/a"], [4, "/b"], [5, "/c"]])
    expect(code).toBe(0)
  }))

it.scopedLive("a line that is no URL fails alone, with its number", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const { code, outcomes } = yield* fetched(`${url}/a\nhello\nftp://x/y\n${url}/b\n`, ["--format", "lines"])
    expect(outcomes).toEqual([[1, "/a"], [2, "InvalidUrl"], [3, "InvalidUrl"], [4, "/b"]])
    expect(code).toBe(1)
  }))

it.scopedLive("invalid UTF-8 makes a bad row of its line, and of no other", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const input = Buffer.concat([
      Buffer.from(`${url}/a\n${url}/`),
      Buffer.from([0xff, 0x0a]),
      Buffer.from(`${url}/ä\n`)
    ])
    const { code, outcomes, stdout } = yield* fetched(input)
    expect(outcomes).toEqual([[1, "/a"], [3, "/%C3%A4"], [null, "BadRow", 2]])
    expect(stdout).toContain("Line 2 of the input is no entry: it is not valid UTF-8")
    expect(code).toBe(1)
  }))

it.scopedLive("a line of 1 MB is an outcome, and so is one of 17 MiB", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const long = (size: number) => `${url}/${"x".repeat(size)}`
    const { outcomes } = yield* fetched([`${url}/a`, long(1e6), long(17 * 2 ** 20), `${url}/b`, ""].join("\n"))
    expect(outcomes).toEqual([[1, "/a"], [2, "InvalidUrl"], [4, "/b"], [null, "BadRow", 3]])
  }))

it.scopedLive("UTF-16 is refused in one sentence", () =>
  Effect.gen(function*() {
    const { code, stderr, stdout } = yield* fastget([], { stdin: Buffer.from("\ufeffhttp://127.0.0.1/\n", "utf16le") })
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" })
    expect(stderr).toContain("fastget: stdin can't be read: it is UTF-16; convert it to UTF-8")
  }))

it.scopedLive("CSV: quotes, delimiters and line breaks in fields, columns in any order", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const { outcomes } = yield* fetched([
      "note,url,id",
      `plain,${url}/a,1`,
      `"a, b",${url}/b,"x,""y"""`,
      `"two\r\n\r\nlines",${url}/c,3\r`,
      "",
      `a "b" c,"${url}/d",4,more,fields`,
      ""
    ].join("\n"))
    expect(outcomes).toEqual([["1", "/a"], ["3", "/c"], ["4", "/d"], ["x,\"y\"", "/b"]])
  }))

it.scopedLive("CSV: a broken record costs no more than itself", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const { outcomes, stdout } = yield* fetched([
      "id,url",
      `a,${url}/a`,
      "too few",
      `b,"${url}/b" and more`,
      `c,${url}/c`,
      `d,"${url}/d`,
      `e,${url}/e`,
      `f,${url}/f`
    ].join("\n"))
    expect(outcomes).toEqual([
      [null, "BadRow", 3],
      [null, "BadRow", 4],
      [null, "BadRow", 6],
      ["a", "/a"],
      ["c", "/c"],
      ["e", "/e"],
      ["f", "/f"]
    ])
    expect(stdout).toContain("it has no column url: 1 fields only")
    expect(stdout).toContain("there is text after a closing quote")
    expect(stdout).toContain("a quote is not closed")
  }))

it.scopedLive("CSV and TSV: a stray quote takes no other row with it, and an entry's line breaks stay", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const csv = yield* fetched([
      "id,title,url",
      `1,"Good" morning,${url}/1`,
      `2,"open,${url}/2`,
      ...[3, 4, 5].map((n) => `${n},x,${url}/${n}`),
      `6,"q, ""q""",${url}/6`,
      `"7\r\nb" ,x,"${url}/7" `
    ].join("\n"))
    expect(csv.outcomes).toEqual([
      ...[2, 3].map((line) => [null, "BadRow", line]),
      ["3", "/3"],
      ["4", "/4"],
      ["5", "/5"],
      ["6", "/6"],
      ["7\r\nb", "/7"]
    ])
    expect(csv.stdout).toContain("a quote is not closed: the next one, in line 7, has text after it")
    const tsv = yield* fetched(
      [`id\ttitle\turl`, `1\t"Good\t${url}/1`, `2\t12"\t${url}/2`, `3\t"x"\t"${url}/3"`].join("\n"),
      ["--format", "tsv"]
    )
    expect(tsv.outcomes).toEqual([["1", "/1"], ["2", "/2"], ["3", "/3"]])
  }))

it.scopedLive("a file of old Macs, whose lines end with CR, has the rows it had there", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const csv = yield* fetched(`id,url\r1,${url}/1\r2,${url}/2\r`, ["--format", "csv"])
    expect(csv.outcomes).toEqual([["1", "/1"], ["2", "/2"]])
    const lines = yield* fetched(`${url}/1\r${url}/2`, ["--format", "lines"])
    expect(lines.outcomes).toEqual([[1, "/1"], [2, "/2"]])
  }))

it.scopedLive("a header whose quote is not closed ends the run with exit code 3", () =>
  Effect.gen(function*() {
    const { code, stderr, stdout } = yield* fastget(["-q", "--format", "csv"], {
      stdin: "id,url,\"note\n1,http://127.0.0.1/,x\n2,http://127.0.0.1/,\"y\"\n"
    })
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" })
    expect(stderr).toBe(
      "fastget: The header of stdin can't be read: a quote is not closed: the next one, in line 3, has text after it\n"
    )
  }))

it.scopedLive("CSV without a column id has the number of the line, with @line too", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const without = yield* fetched(`name,url\nx,${url}/a\n\ny,${url}/b\n`)
    expect(without.outcomes).toEqual([[2, "/a"], [4, "/b"]])
    const asked = yield* fetched(`id;x,link\nx,${url}/a\n`, [
      "--format",
      "csv",
      "--id-column",
      "@line",
      "--url-column",
      "link"
    ])
    expect(asked.outcomes).toEqual([[2, "/a"]])
  }))

it.scopedLive("a header without the column that is needed ends the run with exit code 3", () =>
  Effect.gen(function*() {
    const { code, stderr } = yield* fastget(["--format", "csv"], { stdin: "id,link\n1,http://127.0.0.1/\n" })
    expect(code).toBe(3)
    expect(stderr).toContain("stdin has no column url: it has id, link. Name another with --url-column")
  }))

it.scopedLive("the format is told by the name or the first line", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const path = yield* folder
    const write = (name: string, text: string) => Fs.writeFileSync(Path.join(path, name), text)
    write("a.tsv", `url\tid\n${url}/tsv\t"q\tq"\n`)
    write("b.jsonl", `{"id":7,"url":"${url}/jsonl"}\n`)
    write("c", `{"id":"n","url":"${url}/ndjson"}\n`)
    write("d", `link,id\n${url}/csv,5\n`)
    write("e.txt", `${url}/lines\n`)
    const { code, stdout } = yield* fastget(["-q", "a.tsv", "b.jsonl", "c", "e.txt"], { cwd: path })
    // Lines are numbered through all files.
    expect(outcomes(stdout)).toEqual([[5, "/lines"], [7, "/jsonl"], ["n", "/ndjson"], ["q\tq", "/tsv"]])
    expect(code).toBe(0)
    const csv = yield* fastget(["-q", "--url-column", "link", "d"], { cwd: path })
    expect(outcomes(csv.stdout)).toEqual([["5", "/csv"]])
  }))

it.scopedLive("NDJSON: rows that are none are said by their lines", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const { outcomes } = yield* fetched(
      [
        `{"key":1,"link":"${url}/a"}`,
        "",
        "{broken",
        "[1,2]",
        `{"link":"${url}/b"}`,
        `{"key":12345678901234567890,"link":"${url}/c"}`,
        `{"key":"e"}`,
        `{"__proto__":{"key":"f"},"link":"${url}/f"}`,
        `{"key":"g","link":"${url}/g"}`
      ].join("\n"),
      ["--format", "ndjson", "--id-field", "key", "--url-field", "link"]
    )
    expect(outcomes).toEqual([
      [1, "/a"],
      ...[3, 4, 5, 6, 7, 8].map((line) => [null, "BadRow", line]),
      ["g", "/g"]
    ])
  }))

it.scopedLive("NDJSON: a number that would lose digits is no id, and its text decides", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const ids = ["1e400", "-1e400", "9007199254740993", "0.1234567890123456789", "1.00000000000000000001", "1e-400"]
    const { outcomes, stdout } = yield* fetched(
      [...ids, "0.1", "1e3", "9007199254740991", `"0.1234567890123456789"`]
        .map((id, i) => `{"id":${id},"url":"${url}/${i + 1}"}`).join("\n")
    )
    expect(outcomes).toEqual([
      [0.1, "/7"],
      [1000, "/8"],
      [9007199254740991, "/9"],
      ...ids.map((_, i) => [null, "BadRow", i + 1]),
      ["0.1234567890123456789", "/10"]
    ])
    expect(stdout).toContain("its id is a number too large to be read: make it a string")
    expect(stdout).toContain("its id is a number that would lose digits: make it a string")
  }))

it.scopedLive("an id that would leave its place in a template is a bad row, in every format", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const template = ["--template", `${url}/x/{}/y`]
    const ids = [".", "..", "%2e", ".%2E", "../../admin", "..\\x"]
    const bad = ids.map((_, i) => [null, "BadRow", i + 1])
    const lines = yield* fetched([...ids, "a.b"].join("\n"), [...template, "--format", "lines"])
    expect(lines.outcomes).toEqual([...bad, ["a.b", "/x/a.b/y"]])
    expect(lines.stdout).toContain("its id \\\"..\\\" would leave its place in the template's path")
    const csv = yield* fetched(["id,name", ...ids, "a.b,", ",empty"].join("\n"), template)
    expect(csv.outcomes).toEqual([
      ...[...bad.map((_, i) => i + 2), 9].map((line) => [null, "BadRow", line]),
      ["a.b", "/x/a.b/y"]
    ])
  }))

it.scopedLive("a template makes URLs of a range, of lines of ids, and of columns", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const template = ["--template", `${url}/x/{}?again={}`]
    const range = yield* fetched("", [...template, "--range", "9..11"])
    expect(range.outcomes).toEqual([[9, "/x/9?again=9"], [10, "/x/10?again=10"], [11, "/x/11?again=11"]])
    const ids = yield* fetched("a/b\n7\n", template)
    expect(ids.outcomes).toEqual([["7", "/x/7?again=7"], ["a/b", "/x/a%2Fb?again=a%2Fb"]])
    const csv = yield* fetched("id,name\nq,Q\n", template)
    expect(csv.outcomes).toEqual([["q", "/x/q?again=q"]])
  }))

it.scopedLive("an input that is missing is said before anything is fetched", () =>
  Effect.gen(function*() {
    const { requests, url } = yield* LoopbackServer.make()
    const path = yield* folder
    const { code, stderr } = yield* fastget(["-", "missing.txt"], { cwd: path, stdin: `${url}/a\n` })
    expect({ code, requests: requests() }).toEqual({ code: 3, requests: 0 })
    expect(stderr).toBe("fastget: missing.txt can't be read: ENOENT: no such file or directory\n")
  }))

it.scopedLive("what was taken before the input fails has its outcome", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const path = yield* folder
    const { code, stderr, stdout } = yield* fastget(["-", "."], { cwd: path, stdin: `${url}/a\n${url}/b\n` })
    expect(outcomes(stdout)).toEqual([[1, "/a"], [2, "/b"]])
    expect(code).toBe(3)
    expect(stderr).toContain("fastget: . can't be read: it is a folder")
  }))

it.scopedLive("no more of a file is read than the run can take", () =>
  Effect.gen(function*() {
    // A server that never answers: what is taken stays in flight.
    const { url } = yield* LoopbackServer.make(() => {})
    const path = yield* folder
    const file = Path.join(path, "many.txt")
    Fs.writeFileSync(file, `${url}/x\n`.repeat(400_000))
    expect(yield* readBy(file)).toBeLessThan(2_000_000)
    expect(Fs.statSync(file).size).toBeGreaterThan(8_000_000)
  }))

/** How far a run has read a file when it has got stuck, by what the system says of its descriptor. */
const readBy = (file: string) =>
  Effect.scoped(Effect.gen(function*() {
    const { child } = yield* startFastget(["-q", "-o", `${file}.out`, file, "--timeout", "60s"])
    let last = -1
    let same = 0
    const look: Effect.Effect<number> = Effect.suspend(() => {
      const now = positionOf(child.pid!, file)
      same = now === last && now > 0 ? same + 1 : 0
      last = now
      return same >= 20 ? Effect.succeed(now) : Effect.delay(look, 50)
    })
    return yield* Ticks.ends(15_000, "what is looked for", look)
  }))

/** Where a link leads to, unless it has gone: descriptors come and go. */
const linkOf = (path: string): string | undefined => {
  try {
    return Fs.readlinkSync(path)
  } catch {
    return undefined
  }
}

const positionOf = (pid: number, file: string): number => {
  const folder = `/proc/${pid}/fd`
  if (!Fs.existsSync(folder)) return -1
  const descriptor = Fs.readdirSync(folder).find((name) => linkOf(Path.join(folder, name)) === file)
  if (descriptor === undefined) return -1
  return Number(/^pos:\s*(\d+)/m.exec(Fs.readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, "utf8"))?.[1])
}
