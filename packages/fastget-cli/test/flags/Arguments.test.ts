/**
 * Which arguments are options, which are their values and which are inputs; and
 * what is said of those that can't be.
 */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Arguments from "../../src/flags/Arguments.js"
import * as HowToResume from "../../src/flags/HowToResume.js"
import * as Reasons from "../../src/flags/Reasons.js"
import { fastget, folder, lines } from "../support/Process.js"

const complete = (...argv: ReadonlyArray<string>) => Arguments.complete(Arguments.read(argv))
const problem = (...argv: ReadonlyArray<string>) => Arguments.problem(Arguments.read(argv))

describe("arguments", () => {
  it.each([
    [["a", "-q", "b"], ["--quiet", "--", "a", "b"]],
    [["-o", "out", "a"], ["--output", "out", "--", "a"]],
    [["-oout", "a"], ["--output", "out", "--", "a"]],
    [["-qo", "out", "a"], ["--quiet", "--output", "out", "--", "a"]],
    [["-o=out"], ["--output", "out", "--"]],
    [["--output=a=b"], ["--output", "a=b", "--"]],
    [["-o", "-out"], ["--output=-out", "--"]],
    [["-o", "--quiet", "a"], ["--output=--quiet", "--", "a"]],
    [["--id-column", ""], ["--id-column", "", "--"]],
    [["--select=a", "--select", "b"], ["--select", "a", "--select", "b", "--"]],
    [["-Hx: y"], ["--header", "x: y", "--"]],
    // What follows a switch is an input, whatever its name.
    [["--quiet", "1", "true"], ["--quiet", "--", "1", "true"]],
    [["--quiet=false"], ["--quiet", "false", "--"]],
    [["-qq", "--quiet"], ["--quiet", "--"]],
    [["a", "--help"], ["--help", "--", "a"]],
    [["--retry-failed"], ["--retry-failed", "all", "--"]],
    [["--retry-failed", "--", "a"], ["--retry-failed", "all", "--", "a"]],
    [["--retry-failed", "Timeout, Status:5xx", "a"], ["--retry-failed", "Timeout, Status:5xx", "--", "a"]],
    [["--retry-failed", "urls.txt"], ["--retry-failed", "all", "--", "urls.txt"]],
    [["--retry-failed", "/dev/fd/63"], ["--retry-failed", "all", "--", "/dev/fd/63"]],
    [["--retry-failed", "-"], ["--retry-failed", "all", "--", "-"]],
    // No file of that name is here, so it was to be a reason.
    [["--retry-failed", "5xx", "a"], ["--retry-failed", "5xx", "--", "a"]],
    [["--deny-private", "a"], ["--deny-private", "true", "--", "a"]],
    [["--deny-private", "10.0.0.0/8", "a"], ["--deny-private", "10.0.0.0/8", "--", "a"]],
    [["--", "-file", "--quiet", "--", "-", "a"], ["--", "./-file", "./--quiet", "./--", "-", "a"]],
    [["-q", "a", "--", "--retry-failed", "--help"], ["--quiet", "--", "a", "./--retry-failed", "./--help"]],
    [[""], ["--", ""]]
  ] as ReadonlyArray<readonly [ReadonlyArray<string>, ReadonlyArray<string>]>)("%j are %j", (argv, expected) => {
    expect(complete(...argv)).toEqual(expected)
    expect(problem(...argv)).toBeUndefined()
  })

  it.each([
    [["--nope"], "There is no option --nope"],
    [["--nope=1"], "There is no option --nope"],
    [["--tiemout", "3s"], "There is no option --tiemout: perhaps --timeout is meant"],
    [["--Quiet"], "There is no option --Quiet: perhaps --quiet is meant"],
    [["-x"], "There is no option -x"],
    [["-qx", "a"], "There is no option -qx"],
    [["-xyz"], "There is no option -xyz"],
    [["-o", "a", "--output=b"], "--output is given twice"],
    [["--quiet=false", "-q"], "--quiet is given twice"],
    [["--quiet", "-q", "--quiet=false"], "--quiet is given twice"],
    [["--retry-failed", "--retry-failed", "Timeout"], "--retry-failed is given twice"],
    [["a", "-o"], "-o needs a value"],
    [["a", "-qo"], "-o needs a value"],
    [["--select", ""], "--select needs a value"],
    [["--header="], "--header needs a value"],
    [["-q=3"], "-q takes no value"],
    [["--dry-run=yes"], "--dry-run takes no value"]
  ] as ReadonlyArray<readonly [ReadonlyArray<string>, string]>)("%j can't be", (argv, message) => {
    expect(problem(...argv)).toBe(message)
    expect(problem("--help", ...argv)).toBeUndefined()
  })
})

describe("the command that goes on", () => {
  const command = (...argv: ReadonlyArray<string>) => HowToResume.command(Arguments.read(argv))

  it.each([
    [["a b", "-o", "out"], "fastget 'a b' -o out --resume"],
    [["-o", "out", "--", "-file"], "fastget -o out ./-file --resume"],
    [["-o", "out", "--overwrite", "a"], "fastget -o out a --resume"],
    [["-o", "out", "--", "--overwrite"], "fastget -o out ./--overwrite --resume"],
    [["-o", "out", "a", "--retry-failed", "Timeout"], "fastget -o out a --retry-failed Timeout"],
    [["-o", "out", "--retry-failed=Timeout", "a"], "fastget -o out --retry-failed=Timeout a"],
    [["-qH", "x-key: s3cret", "-oout"], "fastget -q -H 'x-key: ***' -o out --resume"],
    [["-Hx-key: s3cret"], "fastget -H 'x-key: ***' --resume"],
    [["--header=x-key: s3cret", "-o", "-H", "a"], "fastget '--header=x-key: ***' -o -H a --resume"],
    [["-H", "x-key: ${KEY}"], "fastget -H 'x-key: ${KEY}' --resume"]
  ] as ReadonlyArray<readonly [ReadonlyArray<string>, string]>)("of %j is %s", (argv, expected) => {
    expect(command(...argv)).toBe(expected)
  })
})

describe("reasons", () => {
  it.each([
    ["5xx", "There is no reason 5xx: perhaps Status:5xx is meant"],
    ["5XX", "There is no reason 5XX: perhaps Status:5xx is meant"],
    ["Timeout,503", "There is no reason 503: perhaps Status:503 is meant"],
    ["Status:5XX", "There is no reason Status:5XX: perhaps Status:5xx is meant"],
    ["status=404", "There is no reason status=404: perhaps Status:404 is meant"],
    ["HTTP 4**", "There is no reason HTTP 4**: perhaps Status:4xx is meant"],
    ["timeout", "There is no reason timeout: perhaps Timeout is meant"],
    ["Timeouts", "There is no reason Timeouts: perhaps Timeout is meant"],
    ["too-large", "There is no reason too-large: perhaps TooLarge is meant"],
    ["ALL", "There is no reason ALL: perhaps all is meant"],
    ["Status:0xx", "There is no reason Status:0xx"],
    ["everything", "There is no reason everything"],
    ["Timeout,", "There is no reason without a name"],
    ["BadRow", "A bad row has nothing to fetch again"]
  ])("%s: it is said what is known, and what was perhaps meant", (text, message) => {
    expect(Reasons.parse(text)).toBeUndefined()
    const known = `. --retry-failed takes all, or reasons: ${Reasons.tags.join(", ")}, Status:5xx, Status:404`
    const said = Reasons.problem(text)
    expect(said.endsWith(known)).toBe(true)
    expect(said.slice(0, -known.length)).toMatch(
      new RegExp(`^${message.replaceAll("*", "\\*")}(?:: perhaps \\w+ is meant)?$`)
    )
  })

  it("of a status may be any that a server can answer", () => {
    const found = {
      idText: "1",
      line: undefined,
      url: "http://a/",
      ok: false,
      reason: "Status",
      status: 999,
      problem: undefined
    }
    expect(Reasons.parse("Status:999")?.(found)).toBe(true)
    expect(Reasons.parse("Status:9xx, Timeout")?.(found)).toBe(true)
    expect(Reasons.parse("Status:99x")).toBeUndefined()
  })
})

it.scopedLive(
  "a file whose name begins with a dash is read after --, with options before it",
  () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make()
      const path = yield* folder
      Fs.writeFileSync(Path.join(path, "-file"), `${url}/a\n`)
      Fs.writeFileSync(Path.join(path, "--resume"), `url,id\n${url}/b,2\n`)
      const ended = yield* fastget(["-o", "out", "--", "-file"], { cwd: path })
      expect(ended).toMatchObject({ code: 0, stdout: "" })
      expect(lines(Fs.readFileSync(Path.join(path, "out"), "utf8"))).toMatchObject([{ id: 1, ok: true }])
      const second = yield* fastget(["-q", "--", "--resume"], { cwd: path })
      expect(lines(second.stdout)).toMatchObject([{ id: "2", ok: true }])
      const missing = yield* fastget(["--", "-nothing"], { cwd: path })
      expect(missing.code).toBe(3)
      expect(missing.stderr).toContain("-nothing can't be read: ENOENT")
      const without = yield* fastget(["-file"], { cwd: path })
      expect(without).toEqual({
        code: 2,
        stdout: "",
        stderr: "fastget: There is no option -file; an input of that name goes behind --\n"
      })
    }),
  120_000
)

it.scopedLive("a reason that is none is no input, and nothing is fetched for it", () =>
  Effect.gen(function*() {
    const { requests, url } = yield* LoopbackServer.make((_, response) => {
      response.statusCode = 503
      response.end()
    })
    const path = yield* folder
    Fs.writeFileSync(Path.join(path, "urls.txt"), `${url}/a\n`)
    const run = (...args: ReadonlyArray<string>) =>
      fastget(["urls.txt", "-q", "-o", "out", "--retry-times", "0", ...args], { cwd: path })
    expect((yield* run()).code).toBe(1)
    for (const args of [["--retry-failed", "5xx"], ["--retry-failed=5xx"]]) {
      const refused = yield* run(...args)
      expect(refused.code).toBe(2)
      expect(refused.stderr).toContain("There is no reason 5xx: perhaps Status:5xx is meant")
    }
    expect(requests()).toBe(1)
    expect((yield* run("--retry-failed", "Status:5xx")).code).toBe(1)
    expect(requests()).toBe(2)
  }), 120_000)
