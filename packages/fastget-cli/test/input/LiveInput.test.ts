/**
 * Inputs that come while they are read: pipes, FIFOs, programs that wait for
 * what they have asked for.
 */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Writable } from "node:stream"
import * as Zlib from "node:zlib"
import { fastget, folder, lines, linesOut, type Running, shell, sorted, startFastget } from "../support/Process.js"

/** A FIFO in a folder. */
const makeFifo = (path: string) => Effect.as(shell("mkfifo fifo", { cwd: path }), Path.join(path, "fifo"))

const withFifos = it.scopedLive.skipIf(process.platform === "win32")

/** Writes one piece after the other, each when the one before has its outcome. */
const converse = (running: Running, to: Writable, pieces: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    for (const [index, piece] of pieces.entries()) {
      to.write(piece)
      yield* linesOut(running, index + 1)
    }
    to.end()
    return sorted(lines((yield* running.ended).stdout)).map(({ id, json }) => [id, (json as { path: string }).path])
  })

it.scopedLive.each<[string, (url: string) => ReadonlyArray<string>, ReadonlyArray<unknown>, ReadonlyArray<string>]>([
  ["lines", (url) => [`${url}/a\n`, `${url}/b\r\n`, `\n${url}/c\n`], [[1, "/a"], [2, "/b"], [4, "/c"]], []],
  ["CSV", (url) => [`id,url\n1,${url}/a\n`, `2,${url}/b\n`], [["1", "/a"], ["2", "/b"]], []],
  ["TSV", (url) => [`id\turl\n1\t${url}/a\n`, `2\t${url}/b\n`], [["1", "/a"], ["2", "/b"]], []],
  ["NDJSON", (url) => [`{"id":1,"url":"${url}/a"}\n`, `{"id":2,"url":"${url}/b"}\n`], [[1, "/a"], [2, "/b"]], []],
  ["ids", () => ["1\n", "2\n"], [["1", "/1"], ["2", "/2"]], ["--template", "URL/{}"]]
])(
  "a program that writes a row and waits gets its outcome before it writes more: %s",
  ([, pieces, expected, args]) =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make()
      const running = yield* startFastget(["-q", ...args.map((arg) => arg.replace("URL", url))], { staysOpen: true })
      expect(yield* converse(running, running.child.stdin!, pieces(url))).toEqual(expected)
    }),
  120_000
)

withFifos("the same through a FIFO, and through gzip that is flushed", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const path = yield* folder
    const fifo = yield* makeFifo(path)
    const plain = yield* startFastget(["-q", fifo])
    expect(yield* converse(plain, Fs.createWriteStream(fifo), [`${url}/a\n`, `${url}/b\n`])).toEqual([
      [1, "/a"],
      [2, "/b"]
    ])
    const packed = yield* startFastget(["-q"], { staysOpen: true })
    const gzip = Zlib.createGzip({ flush: Zlib.constants.Z_SYNC_FLUSH })
    gzip.pipe(packed.child.stdin!)
    expect(yield* converse(packed, gzip, [`${url}/a\n`, `${url}/b\n`])).toEqual([[1, "/a"], [2, "/b"]])
  }), 120_000)

it.scopedLive.each([["SIGINT", 130], ["SIGTERM", 143]] as const)(
  "%s while the input is silent ends the run, and loses none of the rows that were given",
  ([signal, code]) =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make()
      const running = yield* startFastget(["-q"], { staysOpen: true, stdin: `${url}/a\n${url}/b\nhttp://half` })
      yield* linesOut(running, 2)
      running.child.kill(signal)
      const ended = yield* running.ended
      expect(ended.code).toBe(code)
      expect(lines(ended.stdout).length).toBe(2)
    })
)

withFifos("Ctrl-C ends a run that waits for the writer of a FIFO", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const path = yield* folder
    const running = yield* startFastget(["-q", "-", yield* makeFifo(path)], { stdin: `${url}/a\n` })
    yield* linesOut(running, 1)
    running.child.kill("SIGINT")
    expect((yield* running.ended).code).toBe(130)
  }))

withFifos("a FIFO is waited for until somebody opens it to write", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const path = yield* folder
    const fifo = yield* makeFifo(path)
    const running = yield* startFastget(["-q", "-", fifo], { stdin: `${url}/a\n` })
    yield* linesOut(running, 1)
    Fs.createWriteStream(fifo).end(`${url}/b\n`)
    const { code, stdout } = yield* running.ended
    expect([code, sorted(lines(stdout)).map(({ id }) => id)]).toEqual([0, [1, 2]])
  }))

it.scopedLive(
  "many pipes as inputs: each is closed once, and no connection and no output with it",
  () =>
    Effect.gen(function*() {
      const { url } = yield* LoopbackServer.make()
      const pipes = Array.from(
        { length: 12 },
        (_, part) => `<(for i in $(seq 20); do echo ${url}/${part}/$i; done)`
      ).join(" ")
      for (let run = 0; run < 3; run++) {
        const { code, stdout } = yield* shell(`fastget -q --retry-times 0 ${pipes}`)
        const all = lines(stdout)
        expect(all.filter(({ ok }) => !ok)).toEqual([])
        expect([code, new Set(all.map(({ id }) => id)).size, all.length]).toEqual([0, 240, 240])
      }
    }),
  120_000
)

it.scopedLive("stdin by another name is stdin, also where it is a socket, and is read once only", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    // Node gives its children a socket.
    const named = yield* fastget(["-q", "/dev/stdin"], { stdin: `${url}/a\n` })
    expect([named.code, lines(named.stdout).length]).toEqual([0, 1])
    const piped = yield* shell(`echo ${url}/a | fastget -q /dev/fd/0`)
    expect([piped.code, lines(piped.stdout).length]).toEqual([0, 1])
    const twice = yield* fastget(["-q", "-", "/dev/stdin"], { stdin: `${url}/a\n` })
    expect(twice).toEqual({ code: 2, stdout: "", stderr: expect.stringContaining("stdin can be read once only") })
  }))

it.scopedLive("a folder as stdin is no empty input", () =>
  Effect.gen(function*() {
    const { code, stderr } = yield* shell("fastget -q < .")
    expect([code, stderr]).toEqual([3, "fastget: stdin can't be read: it is a folder\n"])
  }))
