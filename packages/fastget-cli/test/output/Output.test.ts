/**
 * What comes out, and what becomes of it when nobody takes it: the command as a
 * process, against a server on loopback.
 */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer, Ticks } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fastget, folder, lines, shell, sorted } from "../support/Process.js"

/** Answers by the path: `/404`, `/pretty`, ... */
const server = LoopbackServer.make((request, response) => {
  const bodies: Record<string, string> = {
    "/pretty": "{\n  \"big\": 12345678901234567890,\r\n  \"text\": \"a \\n b\"\n}\n",
    "/deep": JSON.stringify({ name: "a, \"b\"", address: { city: "Ulm" }, tags: ["x", 2], none: null }),
    "/html": "<p>no JSON</p>"
  }
  if (request.url === "/404") response.statusCode = 404
  const path = request.url!.split("?")[0]!
  response.end(bodies[path] ?? JSON.stringify({ path }))
})

it.scopedLive("NDJSON has the JSON as the server wrote it, on one line", () =>
  Effect.gen(function*() {
    const { url } = yield* server
    const { stdout } = yield* fastget(["-q"], { stdin: `${url}/pretty\n` })
    expect(stdout).toBe(
      `{"id":1,"url":"${url}/pretty","ok":true,"status":200,"json":{"big": 12345678901234567890,"text": "a \\n b"}}\n`
    )
  }))

it.scopedLive("a failure has its reason first, and no secret of the URL but where the URL is as it was given", () =>
  Effect.gen(function*() {
    const { url } = yield* server
    const { code, stdout } = yield* fastget(["-q"], { stdin: `${url}/404\n${url}/html?key=secret\n` })
    expect(code).toBe(1)
    expect(sorted(lines(stdout)).map(({ url }) => url)).toEqual([`${url}/404`, `${url}/html?key=secret`])
    expect(lines(stdout).map(({ error }) => JSON.stringify(error)).join()).not.toContain("secret")
    expect(sorted(lines(stdout)).map(({ error }) => [Object.keys(error!)[0], error!.reason, error!.status])).toEqual([
      ["reason", "Status", 404],
      ["reason", "Decode", undefined]
    ])
  }))

it.scopedLive("CSV has the selected values, and failures beside them", () =>
  Effect.gen(function*() {
    const { url } = yield* server
    const args = ["-q", "--select", "name,city=address.city", "--select", "$.tags[1]", "--select", "tags,none,missing"]
    const { stdout } = yield* fastget(args, { stdin: `${url}/deep\n${url}/404\n` })
    expect(stdout.trimEnd().split("\n").sort()).toEqual([
      `1,,${url}/deep,200,,,"a, ""b""",Ulm,2,"[""x"",2]",,`,
      `2,,${url}/404,404,Status,The server answered 404 (GET ${url}/404),,,,,,`,
      "id,line,url,status,error,message,name,city,$.tags[1],tags,none,missing"
    ])
  }))

it.scopedLive("bodies go into files with safe names of their own, as they came", () =>
  Effect.gen(function*() {
    const { url } = yield* server
    const path = yield* folder
    const ids = ["plain", "Plain", "../../up", "con", "a/b", "a\\b", "é", "", ".", "x".repeat(300), "plain"]
    const input = [...ids, 7, "7"].map((id) => `${JSON.stringify({ id, url: `${url}/html` })}\n`).join("")
    const args = ["-q", "--output-dir", "bodies", "--extension", "html"]
    const { code, stdout } = yield* fastget(args, { cwd: path, stdin: input })
    const files = lines(stdout).map(({ file }) => file!)
    expect({ code, count: files.length }).toEqual({ code: 0, count: 13 })
    // Whatever the case of letters means to the file system.
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(13)
    expect(Fs.readdirSync(Path.join(path, "bodies")).sort()).toEqual([...files].sort())
    expect(Fs.readdirSync(path)).toEqual(["bodies"])
    expect(files).toContain("plain.html")
    for (const file of files) {
      expect(file).toMatch(/^[\w~-]{1,99}\.html$/)
      expect(file).not.toMatch(/^con\./)
      expect(Fs.readFileSync(Path.join(path, "bodies", file), "utf8")).toBe("<p>no JSON</p>")
    }
  }))

it.scopedLive("--errors splits the failures off", () =>
  Effect.gen(function*() {
    const { url } = yield* server
    const path = yield* folder
    const stdin = `${url}/a\n${url}/404\nhello\n`
    const { stdout } = yield* fastget(["-q", "--errors", "errors.ndjson"], { cwd: path, stdin })
    expect(lines(stdout).map(({ id }) => id)).toEqual([1])
    const errors = Fs.readFileSync(Path.join(path, "errors.ndjson"), "utf8")
    expect(sorted(lines(errors)).map(({ id }) => id)).toEqual([2, 3])
  }))

it.scopedLive("an output that is there is left alone, unless it is to be replaced", () =>
  Effect.gen(function*() {
    const { url } = yield* server
    const path = yield* folder
    const file = Path.join(path, "out.ndjson")
    Fs.writeFileSync(file, "mine\n")
    const options = { cwd: path, stdin: `${url}/a\n` }
    const refused = yield* fastget(["-o", "out.ndjson"], options)
    expect(refused).toMatchObject({ code: 2, stdout: "" })
    expect(refused.stderr).toContain("--resume goes on with it, --overwrite replaces it")
    const foreign = yield* fastget(["-o", "out.ndjson", "--resume"], options)
    expect(foreign.code).toBe(3)
    expect(foreign.stderr).toContain("it has lines that are not fastget's")
    expect(Fs.readFileSync(file, "utf8")).toBe("mine\n")
    expect((yield* fastget(["-q", "-o", "out.ndjson", "--overwrite"], options)).code).toBe(0)
    expect(lines(Fs.readFileSync(file, "utf8")).map(({ id }) => id)).toEqual([1])
  }))

it.scopedLive("| head ends the run within a second, quietly", () =>
  Effect.gen(function*() {
    const { requests, url } = yield* LoopbackServer.make()
    const line = `fastget --template "${url}/{}" --range 1..1000000 | { head -5; date +%s%N >&2; }
      echo "$? \${PIPESTATUS[0]} $(date +%s%N)"`
    const toTicks = Ticks.comparison()
    const { stderr, stdout } = yield* shell(`set -o pipefail\n${line}`)
    const [head, end] = [stdout.split("\n").slice(0, 5), stdout.split("\n")[5]!.split(" ")]
    expect(lines(`${head.join("\n")}\n`)).toHaveLength(5)
    expect(stderr).toMatch(/^\d+\n$/)
    expect(end.slice(0, 2)).toEqual(["0", "0"])
    expect(toTicks(Number(BigInt(end[2]!) - BigInt(stderr.trim())) / 1e6)).toBeLessThan(1000)
    expect(requests()).toBeLessThan(100_000)
  }))

it.scopedLive("a closed stdout, and one on a full disk, are exit code 3 and a clear line", () =>
  Effect.gen(function*() {
    const { requests, url } = yield* server
    const closed = yield* shell(`echo ${url}/a | fastget >&-`)
    expect(closed.code).toBe(3)
    expect(closed.stderr).toBe("fastget: stdout is closed: name a file with --output\n")
    expect(requests()).toBe(0)
    const full = yield* shell(`echo ${url}/a | fastget -q > /dev/full`)
    expect(full.code).toBe(3)
    expect(full.stderr).toBe("fastget: stdout can't be written: ENOSPC: no space left on device\n")
  }))

it.scopedLive("a full disk leaves whole lines, and --resume completes them", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const path = yield* folder
    const file = Path.join(path, "out.ndjson")
    const run = `fastget --template "${url}/{}" --range 1..3000 -o out.ndjson`
    // The limit on the size of files stops a write in the middle, as a full disk does.
    const full = yield* shell(`ulimit -f 40; ${run}`, { cwd: path })
    expect(full.code).toBe(3)
    expect(full.stderr).toContain("out.ndjson can't be written: EFBIG: file too large")
    expect(full.stderr).toContain("--range 1..3000 -o out.ndjson --resume")
    const before = lines(Fs.readFileSync(file, "utf8"))
    expect(before.length).toBeGreaterThan(10)
    expect(before.length).toBeLessThan(3000)
    expect(yield* shell(`${run} --resume -q`, { cwd: path })).toMatchObject({ code: 0, stderr: "" })
    const ids = lines(Fs.readFileSync(file, "utf8")).map(({ id }) => id)
    expect(ids.length).toBe(3000)
    expect(new Set(ids).size).toBe(3000)
  }))

it.scopedLive("--resume refuses a file whose lines only look like records, and takes up a part of a header", () =>
  Effect.gen(function*() {
    const { url } = yield* server
    const path = yield* folder
    const file = Path.join(path, "out")
    const run = (content: string, ...args: ReadonlyArray<string>) => {
      Fs.writeFileSync(file, content)
      return fastget(["-q", "-o", "out", "--resume", ...args], { cwd: path, stdin: `${url}/a\n` })
    }
    for (const foreign of [`{"id":1,"ok":false,"error":null}\n`, `{"id":1,"ok":false,"x"}\n`, `{"id":1}\n`]) {
      expect((yield* run(foreign)).code).toBe(3)
      expect(Fs.readFileSync(file, "utf8")).toBe(foreign)
    }
    expect((yield* run("line", "--output-format", "csv")).code).toBe(3)
    expect((yield* run("id,li", "--output-format", "csv")).code).toBe(0)
    expect(Fs.readFileSync(file, "utf8")).toMatch(
      /^id,line,url,status,error,message,json\n1,,http:[^,]*\/a,200,,,/
    )
  }))

it.scopedLive("an output that can't be opened is exit code 3", () =>
  Effect.gen(function*() {
    const path = yield* folder
    const { code, stderr } = yield* fastget(["-o", "missing/out.ndjson"], { cwd: path, stdin: "http://127.0.0.1:1/\n" })
    expect(code).toBe(3)
    expect(stderr).toMatch(/^fastget: .*out\.ndjson can't be written: ENOENT: no such file or directory\n$/)
  }))

it.scopedLive("a slow reader slows the requests down", () =>
  Effect.gen(function*() {
    const { requests, url } = yield* LoopbackServer.make((_, response) =>
      response.end(JSON.stringify("x".repeat(10_000)))
    )
    // The reader takes a part and then nothing until the server has been quiet for a while.
    const line =
      `fastget -q --template "${url}/{}" --range 1..100000 --queue-max-size 2000 | { head -c 100000 > /dev/null; sleep 2; }`
    yield* shell(line)
    expect(requests()).toBeGreaterThan(10)
    expect(requests()).toBeLessThan(6000)
  }))
