/**
 * The command line: what it prints about itself, what it refuses, and which
 * settings a run has. The command as a process.
 */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer, Ticks } from "loopback"
import * as Fs from "node:fs"
import type { IncomingHttpHeaders } from "node:http"
import * as Path from "node:path"
import * as Flag from "../src/flags/Flag.js"
import * as LibraryFlags from "../src/flags/LibraryFlags.js"
import { fastget, fastgetApart, folder, lines, start, startFastget } from "./support/Process.js"
import { within } from "./support/Within.js"

const byNumber = (a: number, b: number) => a - b

it.live("--version is the version of the package", () =>
  Effect.gen(function*() {
    const { version } = JSON.parse(Fs.readFileSync(new URL("../package.json", import.meta.url), "utf8"))
    expect(yield* fastgetApart(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" })
    // With another argument the whole program is asked.
    expect(yield* fastget(["--version", "--quiet"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" })
  }))

it.live("--help has examples, exit codes and every option of the library", () =>
  Effect.gen(function*() {
    const { code, stdout } = yield* fastget(["--help"])
    expect(code).toBe(0)
    expect(stdout).toContain("fastget urls.txt -o out.ndjson --resume")
    expect(stdout).toContain("Some entries failed")
    for (const name of Object.keys(LibraryFlags.all)) expect(stdout).toContain(`--${Flag.optionName(name)}`)
  }))

it("every option of the library is a flag, but those that have one of the command's own", () => {
  const environments = Object.values(LibraryFlags.all).map(({ environment }) => environment)
  for (const name of Object.keys(NodeFastGet.fields) as Array<NodeFastGet.Name>) {
    const variable = NodeFastGet.environmentName(name)
    const has = environments.includes(name === "retry" ? `${variable}_TIMES` : variable)
    expect([name, has]).toEqual([
      name,
      !["headers", "logLevel", "origins", "propagate", "spans", "client.tls.passphrase"].includes(name)
    ])
  }
  expect(Object.entries(LibraryFlags.all).slice(-10).map(([name, { value }]) => [Flag.optionName(name), value]))
    .toEqual([
      ["headers-timeout", "DURATION"],
      ["body-timeout", "DURATION"],
      ["dns-ttl", "DURATION"],
      ["max-header-bytes", "N"],
      ["proxy-from-env", undefined],
      ["ca", "FILE"],
      ["cert", "FILE"],
      ["key", "FILE"],
      ["pfx", "FILE"],
      ["servername", "NAME"]
    ])
  expect(environments).toContain("FASTGET_RETRY_CAP")
})

it.live("completions know the options", () =>
  Effect.gen(function*() {
    for (const shell of ["bash", "zsh", "fish"]) {
      const { code, stdout } = yield* fastget(["--completions", shell])
      expect(code).toBe(0)
      expect(stdout).toContain("retry-failed")
    }
  }))

it.live("what can't be is bad usage: exit code 2 and one clear line", () =>
  Effect.gen(function*() {
    const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, message: string]> = [
      [["--nope"], "There is no option --nope"],
      [["--range", "1..3"], "--range needs a --template"],
      [["--range", "3..1", "--template", "http://x/{}"], "--range takes two whole numbers"],
      [["--range", "1..9007199254740992", "--template", "http://x/{}"], "whole numbers up to 9007199254740991"],
      [["--template", "http://x/"], "--template takes a URL with {} in it"],
      [["--resume"], "need an --output"],
      [["--select", "a..b"], "--select can't read the path a..b"],
      [["--retry-failed=Nope", "-o", "x"], "--retry-failed takes all, or reasons: InvalidUrl, Blocked,"],
      [["--fail-over", "101%"], "--fail-over takes a share"],
      [["--timeout", "soon"], "--timeout can't be \"soon\": it takes a duration above 0"],
      [["--num-workers", "0"], "The option numWorkers can't be 0: it takes a whole number from 1 to 1024"],
      [["--num-workers", "0"], "--num-workers: The option numWorkers"],
      [["--deadline", "10"], "--deadline can't be \"10\": a number needs its unit, 10s or 10ms;"],
      [["--timeout", "0s"], "--timeout: The option timeout can't be 0"],
      [["--timeout"], "--timeout needs a value"],
      [["--timeout", "1s", "--timeout", "2s"], "--timeout is given twice"],
      [["--timeot", "1s"], "There is no option --timeot: perhaps --timeout is meant"],
      [["--num-workers", "four"], "--num-workers can't be \"four\": it takes a whole number from 1 to 1024"],
      [["--retry-cap", "5"], "--retry-cap can't be \"5\""],
      [["--retry-times", "500"], "--retry-times can't be \"500\": it takes a whole number from 0 to 100"],
      [["--retry-budget", "x"], "--retry-budget can't be \"x\""],
      [["--empty-body", "x"], "--empty-body can't be \"x\": it takes \"fail\" or \"null\""],
      [["--concurrency", "many"], "--concurrency can't be \"many\""],
      [["--rate", "100"], "--rate can't be \"100\": a rate needs its time, 100/s or 100/min; it takes 100/s, 600/min"],
      [["--rate", "0/s"], "--rate can't be \"0/s\": it takes 100/s, 600/min, 5000/h or 1/10s"],
      [["--burst", "5"], "--burst can't be given without a rate"],
      [["--rate", "1/s", "--burst", "0"], "--burst can't be \"0\": it takes a whole number from 1"],
      [["--throttle", "15"], "--throttle can't be \"15\": a number needs its unit, 15s or 15ms; it takes \"off\""],
      [["--throttle", "never"], "--throttle can't be \"never\": it takes \"off\", \"on\", or for how long"],
      [["--limits", "/nowhere.json"], "--limits /nowhere.json can't be read: ENOENT: no such file or directory"],
      [["--limits", "/dev/null"], "--limits /dev/null can't be read, in line 1: an object is expected, { … }"],
      [["--origins", "{}"], "There is no option --origins"],
      [["--deny-private=1.2.3.4/99"], "--deny-private takes true, false, or addresses"],
      [
        ["--deny-private", "--proxy-from-env"],
        "--deny-private: The option denyPrivate can't be true: it takes false tog"
      ],
      [["--dns-ttl", "10"], "--dns-ttl can't be \"10\": a number needs its unit, 10s or 10ms;"],
      [["--headers-timeout", "0s"], "--headers-timeout: The option client.headersTimeout can't be 0"],
      [["--max-header-bytes", "0"], "--max-header-bytes: The option client.maxHeaderBytes can't be 0"],
      [
        ["--ca", "/nowhere.pem"],
        "--ca can't be \"/nowhere.pem\": it can't be read: ENOENT: no such file or directory; it"
      ],
      [
        ["--cert", "/dev/null"],
        "--cert can't be \"/dev/null\": its content is something else; it takes a file with a cert"
      ],
      [
        ["--key", import.meta.filename],
        "--key: The option client.tls.key can't be the given key: it takes a private key"
      ],
      [["-H", "no colon"], "--header takes 'name: value'"],
      [["-H", "Connection: close"], "--header: \"Connection\" can't be set: the client keeps its connections itself"],
      [["-H", "x: a\u20acb"], "--header: the value of \"x\" has a character beyond Latin-1 in it"],
      [["-H", "a b: c"], "--header: the name that begins with \"a\" has a space in it"],
      [["--header-env", "expect=PATH"], "--header-env: \"expect\" can't be set"],
      [["-H", "a: ${NOT_SET_ANYWHERE}"], "environment variable NOT_SET_ANYWHERE, which is not set"]
    ]
    yield* Effect.forEach(cases, ([args, message]) =>
      Effect.map(fastget(args, { stdin: "http://127.0.0.1:1/\n" }), ({ code, stderr, stdout }) => {
        expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: "" })
        expect(stderr).toContain(message)
        expect(stderr.trimEnd().split("\n")).toHaveLength(1)
      }), { concurrency: 2 })
  }), 120_000)

it.live(
  "a variable of the environment that can't be read is named, where no flag goes before it",
  () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [env: Record<string, string>, message: string]> = [
        [{ FASTGET_TIMEOUT: "10" }, "FASTGET_TIMEOUT can't be \"10\": a number needs its unit"],
        [{ FASTGET_TIMEOUT: "0s" }, "FASTGET_TIMEOUT: The option timeout can't be 0"],
        [{ FASTGET_NUM_WORKERS: "0" }, "FASTGET_NUM_WORKERS: The option numWorkers can't be 0"],
        [{ FASTGET_RATE: "100rps" }, "FASTGET_RATE can't be \"100rps\": it takes 100/s"],
        [{ FASTGET_BURST: "7" }, "FASTGET_BURST can't be given without a rate"],
        [
          { FASTGET_ORIGINS: "{\n\"https://a/b\": {}}" },
          "FASTGET_ORIGINS can't be read, in line 2: \"https://a/b\" is"
        ],
        [{ FASTGET_RETRY_BASE: "1" }, "FASTGET_RETRY_BASE can't be \"1\""],
        [{ FASTGET_DENY_PRIVATE: "1.2.3.4/99" }, "FASTGET_DENY_PRIVATE takes true, false, or addresses"],
        [{ FASTGET_HEADERS: "s3cret" }, "FASTGET_HEADERS takes one 'name: value' a line: a header has no name"],
        [{ FASTGET_HEADERS: "upgrade: s3cret" }, "\"upgrade\" can't be set"],
        [{ FASTGET_TIMEOUT: "1", FASTGET_DEADLINE: "2" }, "; FASTGET_DEADLINE can't be \"2\""]
      ]
      yield* Effect.forEach(cases, ([env, message]) =>
        Effect.map(fastget([], { stdin: "http://127.0.0.1:1/\n", env }), ({ code, stderr, stdout }) => {
          expect({ env, code, stdout }).toEqual({ env, code: 2, stdout: "" })
          expect(stderr).toContain(message)
          expect(stderr).not.toContain("s3cret")
          expect(stderr.trimEnd().split("\n")).toHaveLength(1)
        }), { concurrency: 2 })
      const { code, stdout } = yield* fastget(["--dry-run", "--timeout", "1m30s"], {
        stdin: "http://127.0.0.1:1/\n",
        env: { FASTGET_TIMEOUT: "10" }
      })
      expect(code).toBe(0)
      expect(stdout).toContain("  timeout: 90000 ms\n")
    }),
  120_000
)

it.scopedLive("a header in a file that can't be sent is told by the file and the header, without its value", () =>
  Effect.gen(function*() {
    const path = yield* folder
    Fs.writeFileSync(Path.join(path, "headers"), "accept: a/b\ntransfer-encoding: s3cret\n")
    const { code, stderr } = yield* fastget(["--header-file", "headers"], { cwd: path, stdin: "http://127.0.0.1:1/\n" })
    expect(code).toBe(2)
    expect(stderr).toContain("--header-file headers: \"transfer-encoding\" can't be set")
    expect(stderr).not.toContain("s3cret")
  }))

it.scopedLive("headers are made of the environment here, and stay secret", () =>
  Effect.gen(function*() {
    let seen: IncomingHttpHeaders = {}
    const { url } = yield* LoopbackServer.make((request, response) => {
      seen = request.headers
      response.end("1")
    })
    const path = yield* folder
    Fs.writeFileSync(Path.join(path, "headers"), "# a comment\nX-File: of the file\nx-both: of the file\n")
    const args = ["-H", "authorization: Bearer ${TOKEN}", "--header-env", "x-env=TOKEN", "-H", "X-Both: given"]
    const options = {
      cwd: path,
      stdin: `${url}/\n`,
      env: { TOKEN: "s3cret", FASTGET_HEADERS: "x-environment: 1\nx-both: of the environment" }
    }
    const all = [...args, "--header-file", "headers"]
    const ended = yield* fastget(["--verbose", ...all], options)
    expect(ended.code).toBe(0)
    expect(seen).toMatchObject({
      authorization: "Bearer s3cret",
      "x-env": "s3cret",
      "x-file": "of the file",
      "x-both": "given",
      "x-environment": "1"
    })
    expect(lines(ended.stdout)).toEqual([{ id: 1, url: `${url}/`, ok: true, status: 200, json: 1 }])
    // The library's log, which was asked for, is no part of the output.
    expect(ended.stderr).toContain("queueMaxSize=100000")
    const dry = yield* fastget(["--dry-run", ...all], options)
    expect(dry.stdout).toContain("authorization: ***")
    expect(dry.stdout).not.toContain("secretHeaders")
    expect(ended.stderr + dry.stdout + dry.stderr).not.toContain("s3cret")
  }))

it.scopedLive("to another origin go headers that say what is wanted, unless their value is of the environment", () =>
  Effect.gen(function*() {
    let seen: IncomingHttpHeaders = {}
    const there = yield* LoopbackServer.make((request, response) => {
      seen = request.headers
      response.end("1")
    })
    const here = yield* LoopbackServer.make((_, response) => response.writeHead(307, { location: there.url }).end())
    const path = yield* folder
    Fs.writeFileSync(Path.join(path, "headers"), "Accept-Language: de\nx-file: s3cret\n")
    const args = [
      "-H",
      "Accept: text/x",
      "-H",
      "x-key: s3cret",
      "-H",
      "authorization: s3cret",
      "-H",
      "pragma: ${TOKEN}"
    ]
    const { code } = yield* fastget([...args, "--header-env", "dnt=TOKEN", "--header-file", "headers"], {
      cwd: path,
      stdin: `${here.url}/\n`,
      env: { TOKEN: "s3cret", FASTGET_HEADERS: "User-Agent: me\nx-environment: s3cret" }
    })
    expect(code).toBe(0)
    expect(seen).toMatchObject({ accept: "text/x", "accept-language": "de", "user-agent": "me" })
    expect(JSON.stringify(seen)).not.toContain("s3cret")
  }))

it.scopedLive("flags go before the environment, which goes before the defaults", () =>
  Effect.gen(function*() {
    const run = (...args: ReadonlyArray<string>) =>
      Effect.map(
        fastget(["--dry-run", ...args], {
          stdin: "http://127.0.0.1/x?key=secret\nhttp://127.0.0.1/y\n",
          env: { FASTGET_TIMEOUT: "7 seconds", FASTGET_MAX_REDIRECTS: "3", FASTGET_RETRY_TIMES: "9" }
        }),
        ({ stdout }) => stdout
      )
    const text = yield* run("--timeout", "1500ms", "--retry-base", "2s", "--no-fast-path", "--deny-private")
    for (
      const setting of [
        "timeout: 1500",
        "maxRedirects: 3",
        "maxBodyBytes: 33554432",
        "fastPath: false",
        "denyPrivate: true"
      ]
    ) {
      expect(text).toContain(`  ${setting}`)
    }
    expect(text).toContain("\"times\":9,\"base\":2000,\"cap\":30000")
    expect(text).toContain("  1  GET http://127.0.0.1/x?key=***\n  2  GET http://127.0.0.1/y\n")
    expect(yield* run()).toContain("  timeout: 7000")
    expect(yield* run("--template", "http://x/{}", "--range", "1..250")).toContain(
      "Entries: 250\n  1  GET http://x/1\n"
    )
  }))

it.scopedLive("--fail-over says how many failures are a success", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const stdin = `${url}/a\n`.repeat(9) + "hello\n"
    const code = (...args: ReadonlyArray<string>) => Effect.map(fastget(["-q", ...args], { stdin }), ({ code }) => code)
    expect(yield* Effect.all([code(), code("--fail-over", "9%"), code("--fail-over", "10%"), code("--fail-over", "1")]))
      .toEqual([1, 1, 0, 0])
  }))

it.scopedLive("SIGINT takes no more input, finishes what is in flight, and says how to go on", () =>
  Effect.gen(function*() {
    const { requests, url } = yield* LoopbackServer.make((request, response) => {
      setTimeout(() => response.end(JSON.stringify({ path: request.url })), 5)
    })
    const path = yield* folder
    const args = ["--template", `${url}/{}`, "--range", "1..1000000", "-o", "out", "-H", "x-key: s3cret"]
    const { child, ended } = yield* startFastget(args, { cwd: path })
    yield* within(10_000, "500 requests", () => requests() > 500)
    child.kill("SIGINT")
    const { code, stderr } = yield* ended
    expect(code).toBe(130)
    const written = lines(Fs.readFileSync(Path.join(path, "out"), "utf8"))
    // Whatever was asked for has its line.
    expect(written.length).toBe(requests())
    expect(stderr).toContain(`'${url}/{}' --range 1..1000000 -o out -H 'x-key: ***' --resume`)
  }))

it.scopedLive(
  "SIGINT waits for no more than the answers to what was asked; --resume asks for the rest",
  () =>
    Effect.gen(function*() {
      const count = 20_000
      const asked: Array<number> = []
      let millis = 1000
      const { url } = yield* LoopbackServer.make((request, response) => {
        asked.push(Number(request.url!.slice(1)))
        setTimeout(() => response.end(JSON.stringify({ path: request.url })), millis)
      })
      const path = yield* folder
      const urls = Array.from({ length: count }, (_, index) => `${url}/${index + 1}\n`)
      Fs.writeFileSync(Path.join(path, "urls.txt"), urls.join(""))
      const args = ["urls.txt", "-o", "out"]
      const ids = () =>
        lines(Fs.readFileSync(Path.join(path, "out"), "utf8")).map(({ id }) => Number(id)).sort(byNumber)
      const { child, ended } = yield* startFastget(args, { cwd: path })
      // The second ones on their connections: thousands wait in the workers by now.
      yield* within(10_000, "100 requests", () => asked.length > 100)
      child.kill("SIGINT")
      const at = Ticks.now()
      const { code, stderr } = yield* ended
      expect(Ticks.now() - at).toBeLessThan(3000)
      expect(code).toBe(130)
      const first = ids()
      expect(first).toEqual([...asked].sort(byNumber))
      const left = `fetched ${first.length} of 20,000 in .*, ${(count - first.length).toLocaleString("en-US")} left`
      expect(stderr).toMatch(new RegExp(left))
      millis = 0
      const resumed = yield* fastget([...args, "--resume"], { cwd: path })
      expect(resumed.code).toBe(0)
      expect(resumed.stderr).toContain(`${first.length} done before`)
      expect(ids()).toEqual(Array.from({ length: count }, (_, index) => index + 1))
      expect(asked.length).toBe(count)
    }),
  120_000
)

it.scopedLive("SIGINT does not wait for entries that wait to be tried again", () =>
  Effect.gen(function*() {
    let isBusy = true
    const { requests, url } = yield* LoopbackServer.make((request, response) => {
      if (isBusy && request.url!.endsWith("1")) response.writeHead(503, { "retry-after": "50" })
      response.end("1")
    })
    const path = yield* folder
    const args = ["--template", `${url}/{}`, "--range", "1..500", "--throttle", "off", "-o", "out"]
    const file = () => lines(Fs.readFileSync(Path.join(path, "out"), "utf8"))
    const { child, ended } = yield* startFastget(args, { cwd: path })
    yield* within(10_000, "all requests, and all lines but 50", () => requests() === 500 && file().length === 450)
    child.kill("SIGINT")
    const at = Ticks.now()
    expect((yield* ended).code).toBe(130)
    expect(Ticks.now() - at).toBeLessThan(2000)
    expect(file().length).toBe(450)
    isBusy = false
    expect((yield* fastget([...args, "--resume"], { cwd: path })).code).toBe(0)
    expect(new Set(file().map(({ id }) => id)).size).toBe(500)
    expect(file().length).toBe(500)
    expect(requests()).toBe(550)
  }), 120_000)

it.scopedLive("a second SIGINT stops at once", () =>
  Effect.gen(function*() {
    const { requests, url } = yield* LoopbackServer.make(() => {})
    const { child, ended, stderr } = yield* startFastget(["--template", `${url}/{}`, "--range", "1..1000"])
    yield* within(10_000, "a request", () => requests() > 0)
    child.kill("SIGINT")
    yield* within(10_000, "the first to be heard", () => stderr().includes("Stopping"))
    expect(child.exitCode).toBe(null)
    child.kill("SIGINT")
    const again = Ticks.now()
    expect((yield* ended).code).toBe(130)
    expect(Ticks.now() - again).toBeLessThan(1500)
  }))

it.live("docs/cli.md has the examples, options and exit codes of the code", () =>
  Effect.gen(function*() {
    const script = new URL("../scripts/manual.mjs", import.meta.url).pathname
    const { code, stderr } = yield* Effect.scoped(
      Effect.flatMap(start(process.execPath, [script, "--check"]), ({ ended }) => ended)
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
  }))
