import { describe, expect, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { LoopbackServer } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Zlib from "node:zlib"
import * as Gunzip from "../../src/input/Gunzip.js"
import type { Source } from "../../src/input/Source.js"
import * as Pieces from "../support/Pieces.js"
import { fastget, folder, lines, shell, sorted } from "../support/Process.js"

/** All that comes out, and how it ended. */
const readAll = (source: Source) =>
  Effect.scoped(Effect.gen(function*() {
    const { read } = yield* Gunzip.make(source)
    const parts: Array<Buffer> = []
    while (true) {
      const exit = yield* Effect.either(read)
      if (exit._tag === "Left") return { bytes: Buffer.concat(parts), problem: exit.left.message }
      if (exit.right === undefined) return { bytes: Buffer.concat(parts), problem: undefined }
      parts.push(Buffer.from(exit.right))
    }
  }))

const text = Buffer.from(Array.from({ length: 3000 }, (_, n) => `http://127.0.0.1/${n * n}\n`).join(""))
const packed = Zlib.gzipSync(text)

describe("Gunzip", () => {
  it.effect(
    "gives what is in any number of members, with zeros between and after them, cut anyhow",
    () =>
      Effect.gen(function*() {
        for (let seed = 0; seed < 80; seed++) {
          const next = Pieces.random(seed)
          const parts: Array<Buffer> = []
          const members: Array<Buffer> = []
          for (let member = 0; member <= next() * 6; member++) {
            const part = text.subarray(0, Math.floor(next() ** 3 * text.length))
            parts.push(part)
            members.push(Zlib.gzipSync(part), Buffer.alloc(next() < 0.5 ? 0 : Math.floor(next() * 300)))
          }
          const pieces = Pieces.cut(Buffer.concat(members), [1, 20, 1000, 70_000][seed % 4]!, next)
          const { bytes, problem } = yield* readAll(Pieces.source(pieces))
          expect([seed, problem, bytes.equals(Buffer.concat(parts))]).toEqual([seed, undefined, true])
        }
      }),
    120_000
  )

  it.effect("fails wherever the file is cut off", () =>
    Effect.gen(function*() {
      for (const length of [2, 3, 9, 10, 11, 500, packed.length - 9, packed.length - 1]) {
        const whole = yield* readAll(Pieces.source([packed.subarray(0, length)]))
        expect(whole.problem).toBe("it can't be read: its gzip data ends too early: the file is not whole")
        const second = yield* readAll(Pieces.source([packed, packed.subarray(0, length)]))
        expect(second.problem).toBe(whole.problem)
        expect(second.bytes.subarray(0, text.length).equals(text)).toBe(true)
      }
    }))

  it.effect("fails where it is damaged, or goes on with something else", () =>
    Effect.gen(function*() {
      const flipped = Buffer.from(packed)
      flipped[packed.length - 6]! ^= 1
      for (
        const pieces of [
          [flipped],
          [packed, Buffer.from("garbage")],
          [Buffer.concat([packed, Buffer.from("garbage")])],
          [packed, Buffer.alloc(5000), Buffer.from("\0\0garbage")],
          [Buffer.from([0x1f, 0x8b, 1, 2, 3])]
        ]
      ) {
        expect((yield* readAll(Pieces.source(pieces))).problem).toMatch(
          /^it can't be read: its gzip data is damaged \(.+\)$/
        )
      }
    }))

  it.scoped("unpacks in pieces, however much there is in one, and reads no more than is wanted", () =>
    Effect.gen(function*() {
      const huge = Zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024))
      const pieces = Pieces.cut(Buffer.concat([huge, huge]), 10_000, () => 0.99)
      const source = Pieces.source(pieces)
      const { read } = yield* Gunzip.make(source)
      for (let n = 0; n < 50; n++) expect((yield* read)!.length).toBeLessThanOrEqual(256 * 1024)
      expect(source.count()).toBeLessThan(4)
      expect(pieces.length).toBeGreaterThan(10)
    }))

  it.scoped("gives on the failure of what it reads", () =>
    Effect.gen(function*() {
      let reads = 0
      const { read } = yield* Gunzip.make({
        name: "it",
        read: Effect.suspend(() => reads++ === 0 ? Effect.succeed(packed.subarray(0, 20)) : Effect.die("broken"))
      })
      expect(yield* Effect.exit(read)).toEqual(Exit.die("broken"))
    }))
})

it.scopedLive("gzip is read as what is in it: from files of any name, from a pipe, and from stdin", () =>
  Effect.gen(function*() {
    const { url } = yield* LoopbackServer.make()
    const path = yield* folder
    const write = (name: string, text: string) => Fs.writeFileSync(Path.join(path, name), Zlib.gzipSync(text))
    write("a.csv.gz", `id,url\na,${url}/a\n`)
    write("b.jsonl.GZ", `{"id":"b","url":"${url}/b"}\n`)
    write("c", `${url}/c\n`)
    write("d.txt", `${url}/d\n`)
    const { code, stdout } = yield* shell(
      `cat d.txt d.txt | fastget -q --retry-times 0 a.csv.gz b.jsonl.GZ <(cat c) -`,
      { cwd: path }
    )
    expect(sorted(lines(stdout)).map(({ id, json }) => [id, (json as { path: string }).path])).toEqual([
      [4, "/c"],
      [5, "/d"],
      [6, "/d"],
      ["a", "/a"],
      ["b", "/b"]
    ])
    expect(code).toBe(0)
  }))

it.scopedLive(
  "--dry-run counts the entries in gzip, and not where they unpack to more than it reads",
  () =>
    Effect.gen(function*() {
      const path = yield* folder
      const name = Path.join(path, "urls.gz")
      const member = Zlib.gzipSync("http://127.0.0.1:1/x\n".repeat(1_000_000))
      Fs.writeFileSync(name, Buffer.concat([member, member]))
      expect((yield* fastget(["--dry-run", name])).stdout).toContain("Entries: 2000000\n")
      Fs.writeFileSync(name, Buffer.concat(Array.from({ length: 15 }, () => member)))
      expect((yield* fastget(["--dry-run", name])).stdout).toContain("Entries: not known before they are read\n")
    }),
  120_000
)

it.scopedLive("gzip that is not whole is told by its name, before anything is fetched", () =>
  Effect.gen(function*() {
    const { requests, url } = yield* LoopbackServer.make()
    const path = yield* folder
    const packed = Zlib.gzipSync(Array.from({ length: 1000 }, (_, n) => `${url}/${n}\n`).join(""))
    Fs.writeFileSync(Path.join(path, "urls.gz"), packed.subarray(0, 1500))
    const { code, stderr, stdout } = yield* fastget(["-q", "urls.gz"], { cwd: path })
    expect([code, stdout, requests()]).toEqual([3, "", 0])
    expect(stderr).toBe("fastget: urls.gz can't be read: its gzip data ends too early: the file is not whole\n")
    // What comes through a pipe can't be looked at before.
    const piped = yield* fastget(["-q"], { cwd: path, stdin: packed.subarray(0, 1500) })
    expect([piped.code, piped.stderr]).toEqual([3, stderr.replace("urls.gz", "stdin")])
  }))
