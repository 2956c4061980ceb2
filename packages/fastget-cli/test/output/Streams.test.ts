/**
 * Outputs that are no plain files: pipes, sockets, terminals and devices, whose
 * reader may be slow, late, or gone. Real pipes of the system and its shell.
 */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer } from "loopback"
import { execFileSync } from "node:child_process"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Path from "node:path"
import * as Zlib from "node:zlib"
import { bin, fastget, folder, lines, shell, start, startFastget } from "../support/Process.js"
import { within } from "../support/Within.js"

const setUp = (handler?: LoopbackServer.Handler) =>
  Effect.gen(function*() {
    const { requests, url } = yield* LoopbackServer.make(handler)
    const path = yield* folder
    const at = (name: string) => Path.join(path, name)
    const urls = Array.from({ length: 300 }, (_, index) => `${url}/${index + 1}\n`)
    Fs.writeFileSync(at("urls.txt"), urls.join(""))
    const pipe = (name: string) => {
      execFileSync("mkfifo", [at(name)])
      return at(name)
    }
    return { at, path, pipe, requests }
  })

const random = Crypto.randomBytes(500_000).toString("base64")

/** Bodies that soon fill a pipe, also compressed. */
let answers = 0
const large: LoopbackServer.Handler = (_, response) => {
  const from = (++answers * 7919) % (random.length - 10_000)
  response.end(JSON.stringify(random.slice(from, from + 10_000)))
}

it.scopedLive("pipes, descriptors and devices get all records, as stdout does", () =>
  Effect.gen(function*() {
    const { at, path, pipe } = yield* setUp()
    pipe("pipe")
    const count = (line: string, name: string) =>
      Effect.map(shell(`set -o pipefail\n${line}`, { cwd: path }), ({ code, stderr, stdout }) => {
        expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: "" })
        return lines(name === "" ? stdout : Fs.readFileSync(at(name), "utf8")).length
      })
    expect(yield* count("fastget -q urls.txt -o - | cat", "")).toBe(300)
    expect(yield* count("fastget -q urls.txt -o /dev/stdout | cat", "")).toBe(300)
    expect(yield* count("fastget -q urls.txt -o /dev/stdout > file", "file")).toBe(300)
    expect(
      yield* count("fastget -q urls.txt -o >(cat > copy; : > done); until [ -e done ]; do sleep 0.1; done", "copy")
    ).toBe(300)
    expect(yield* count("cat pipe > read & fastget -q urls.txt -o pipe; wait", "read")).toBe(300)
    expect(yield* count("{ fastget -q urls.txt -o /dev/fd/3; fastget -q urls.txt -o /dev/fd/3; } 3> twice", "twice"))
      .toBe(
        600
      )
    expect(yield* count("fastget -q urls.txt -o /dev/null --errors /dev/stderr", "")).toBe(0)
    expect(yield* count("ln -s /dev/stdout link; fastget -q urls.txt -o link | cat", "")).toBe(300)
    expect(Fs.readdirSync(path).filter((name) => /lock|retry/.test(name))).toEqual([])
  }), 120_000)

it.scopedLive("a socket is written to as well, given or by its name", () =>
  Effect.gen(function*() {
    const { at, path } = yield* setUp()
    let text = ""
    let ends = 0
    yield* Effect.acquireRelease(
      Effect.async<Net.Server>((resume) => {
        const server = Net.createServer((socket) =>
          socket.setEncoding("utf8").on("data", (part) => text += part).on("end", () => ends++)
        )
        server.listen(at("socket"), () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => server.close())
    )
    expect((yield* fastget(["-q", "urls.txt", "-o", "socket"], { cwd: path })).code).toBe(0)
    yield* within(15_000, "the end of the connection", () => ends === 1)
    expect(lines(text)).toHaveLength(300)
  }), 120_000)

it.scopedLive(
  "a .gz that goes to a pipe is compressed, and so are failures and the summary",
  () =>
    Effect.gen(function*() {
      const { at, path, pipe } = yield* setUp()
      pipe("out.ndjson.gz")
      Fs.appendFileSync(at("urls.txt"), "no URL\n")
      const { code } = yield* shell(
        "cat out.ndjson.gz > read & fastget -q urls.txt -o out.ndjson.gz --errors bad.gz --summary sum.gz; c=$?; wait; exit $c",
        { cwd: path }
      )
      expect(code).toBe(1)
      const unpack = (name: string) => Zlib.gunzipSync(Fs.readFileSync(at(name))).toString()
      expect(lines(unpack("read"))).toHaveLength(300)
      expect(lines(unpack("bad.gz"))).toHaveLength(1)
      expect(JSON.parse(unpack("sum.gz")).succeeded).toBe(300)
    }),
  120_000
)

it.scopedLive("a reader that goes ends the run quietly, whichever output it has read", () =>
  Effect.gen(function*() {
    const { path, pipe } = yield* setUp(large)
    pipe("pipe")
    const run = "fastget -q --template http://127.0.0.1:1/{} --range 1..1000000 --retry-times 0"
    for (
      const line of [
        `head -1 < pipe > /dev/null & ${run} -o pipe`,
        `${run} -o >(head -1 > /dev/null)`,
        `${run} -o out --errors >(head -1 > /dev/null)`,
        `${run} -o /dev/stdout | head -1 > /dev/null`
      ]
    ) {
      const { code, stderr } = yield* shell(`set -o pipefail\n${line}`, { cwd: path })
      expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: "" })
      Fs.rmSync(Path.join(path, "out"), { force: true })
    }
  }), 120_000)

it.scopedLive(
  "a signal ends a run that waits for the first reader of a pipe, for its output or its summary",
  () =>
    Effect.gen(function*() {
      const { at, path, pipe, requests } = yield* setUp()
      pipe("pipe")
      for (const [signal, code] of [["SIGTERM", 143], ["SIGINT", 130], ["SIGHUP", 129]] as const) {
        const { child, ended } = yield* startFastget(["urls.txt", "-o", "pipe", "--summary", "sum"], { cwd: path })
        // What comes next is to open the pipe.
        yield* within(15_000, "the lock of the summary", () => Fs.existsSync(at("sum.lock")))
        child.kill(signal)
        expect((yield* ended).code).toBe(code)
        expect(requests()).toBe(0)
      }
      const { child, ended, stderr } = yield* startFastget(["urls.txt", "-o", "out", "--summary", "pipe"], {
        cwd: path
      })
      yield* within(30_000, "the summary", () => stderr().includes("fetched 300"))
      child.kill("SIGTERM")
      expect((yield* ended).code).toBe(143)
    }),
  120_000
)

it.scopedLive("one signal ends a run whose output nobody takes, wherever it goes", () =>
  Effect.gen(function*() {
    const { path, pipe, requests } = yield* setUp((request, response) => {
      if (request.url!.startsWith("/bad")) response.statusCode = 404
      large(request, response)
    })
    pipe("pipe")
    pipe("pipe.gz")
    const toPipe = (name: string) => `sleep 1000 < ${name} & s=$!; exec 3> ${name}`
    const toShell = "exec 3> >(exec sleep 1000); s=$!"
    for (
      const [open, args] of [
        [toPipe("pipe"), "ok -o pipe"],
        [toPipe("pipe.gz"), "ok -o pipe.gz"],
        [toShell, "ok >&3"],
        [toShell, "ok -o /dev/fd/3"],
        [toPipe("pipe"), "bad -o out --errors pipe --overwrite"],
        [toShell, "bad -o out --errors /dev/stderr --overwrite 2>&3"]
      ] as const
    ) {
      const before = requests()
      const [kind, ...rest] = args.split(" ")
      const url = (yield* urlOf(path)).replace(/\d+$/, `${kind}-{}`)
      const run = `"${process.execPath}" "${bin}" -q --template ${url} --range 1..1000000 ${rest.join(" ")}`
      const { child, ended, stdout } = yield* start("bash", [
        "-c",
        `${open}; ${run} & p=$!; echo $p; wait $p; c=$?; kill $s; echo $c`
      ], { cwd: path })
      // More than the pipe holds has been fetched: it is full, or will be while what is in flight is finished.
      yield* within(30_000, "so many answers", () => requests() > before + 2000)
      expect(child.exitCode).toBeNull()
      process.kill(Number(stdout()), "SIGTERM")
      yield* ended
      expect({ args, code: stdout().split("\n")[1] }).toEqual({ args, code: "143" })
    }
  }), 120_000)

/** The first URL of the list. */
const urlOf = (path: string) =>
  Effect.sync(() => Fs.readFileSync(Path.join(path, "urls.txt"), "utf8").split("\n", 1)[0]!)

it.scopedLive("what needs a plain file says so", () =>
  Effect.gen(function*() {
    const { path, pipe, requests } = yield* setUp()
    pipe("pipe")
    for (
      const [args, name] of [
        ["-o pipe --resume", "pipe"],
        ["-o /dev/stdout --retry-failed", "stdout"],
        ["-o - --resume", "stdout"],
        ["-o /dev/null --resume", "/dev/null"],
        ["-o >(cat) --retry-failed=Timeout", "/dev/fd/"],
        ["-o out --errors /dev/stderr --resume", "/dev/stderr"]
      ] as const
    ) {
      const { code, stderr } = yield* shell(`fastget urls.txt ${args}`, { cwd: path })
      expect({ args, code }).toEqual({ args, code: 2 })
      expect(stderr).toContain("--resume and --retry-failed read what is there already")
      expect(stderr).toContain(`${name}`)
    }
    expect(requests()).toBe(0)
    expect(Fs.readdirSync(path).sort()).toEqual(["pipe", "urls.txt"])
  }), 120_000)
