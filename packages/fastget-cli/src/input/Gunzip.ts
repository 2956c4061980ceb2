/**
 * Compressed bytes in, what is in them out: a gzip file of any number of
 * members, also with zeros between and after them, as tapes have. No more is
 * read than is wanted, and however much a piece unpacks to, it comes in pieces.
 * Its scope owns the decoder.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Zlib from "node:zlib"
import * as CliError from "../CliError.js"
import type { Source } from "./Source.js"

/** How much is unpacked at once, in bytes. */
const pieceSize = 64 * 1024

/** Whether there is enough to tell gzip, of which 1F 8B are the first bytes. */
export const isTellable = (start: Buffer): boolean => start.length > 1 || (start.length === 1 && start[0] !== 0x1f)

export const isGzip = (start: Buffer): boolean => start[0] === 0x1f && start[1] === 0x8b

/** A source of what is in the gzip of another. A file that ends too early, is damaged, or goes on with something else fails. */
export const make = (source: Source): Effect.Effect<Source, never, Scope.Scope> =>
  Effect.gen(function*() {
    let decoder: Decoder | undefined
    /** Compressed bytes that no decoder has taken. */
    let rest: Buffer = Buffer.alloc(0)
    yield* Effect.addFinalizer(() => Effect.sync(() => decoder?.destroy()))

    /** Between the members: zeros are skipped, anything else must be the next one. */
    const begin = Effect.gen(function*() {
      while (true) {
        const at = rest.findIndex((byte) => byte !== 0)
        if (at >= 0) {
          decoder = makeDecoder()
          decoder.write(rest.subarray(at))
          return true
        }
        const piece = yield* source.read
        if (piece === undefined) return false
        rest = piece
      }
    })

    const read: Source["read"] = Effect.gen(function*() {
      while (true) {
        if (decoder === undefined && !(yield* begin)) return undefined
        const { destroy, end, next, write } = decoder!
        const state = yield* next
        if (state instanceof Error) return yield* CliError.unreadable(source.name)(problem(state))
        if (Buffer.isBuffer(state)) return state
        if (state === "hungry") {
          const piece = yield* source.read
          if (piece === undefined) end()
          else write(piece)
        } else {
          destroy()
          decoder = undefined
          rest = state.rest
        }
      }
    })
    return { name: source.name, read }
  })

const problem = (error: Error): string =>
  "code" in error && error.code === "Z_BUF_ERROR"
    ? "its gzip data ends too early: the file is not whole"
    : `its gzip data is damaged (${error.message})`

interface Decoder {
  /** Gives compressed bytes, which must stay as they are until it is hungry again. */
  readonly write: (bytes: Buffer) => void
  /** There are no more. */
  readonly end: () => void
  /** What it has to give; else what it waits for, how it failed, or that it has ended and what it did not take. */
  readonly next: Effect.Effect<Buffer | "hungry" | { readonly rest: Buffer } | Error>
  readonly destroy: () => void
}

const makeDecoder = (): Decoder => {
  const gunzip = Zlib.createGunzip({ chunkSize: pieceSize })
  let written = 0
  let last: Buffer = Buffer.alloc(0)
  let hungry = false
  let ended = false
  let failure: Error | undefined
  let changed = false
  let wake: (() => void) | undefined
  const happened = () => {
    changed = true
    wake?.()
  }
  gunzip.on("readable", happened)
  gunzip.on("end", () => {
    ended = true
    happened()
  })
  gunzip.on("error", (error) => {
    failure = error
    happened()
  })
  const change = Effect.async<void>((resume) => {
    if (changed) resume(Effect.void)
    else wake = () => resume(Effect.void)
  })
  const look: Decoder["next"] = Effect.suspend(() => {
    changed = false
    const bytes = gunzip.read() as Buffer | null
    if (bytes !== null) return Effect.succeed(bytes)
    if (failure !== undefined) return Effect.succeed(failure)
    // After the last member it takes no zeros.
    const untaken = written - gunzip.bytesWritten
    if (ended || (hungry && untaken > 0)) return Effect.succeed({ rest: last.subarray(last.length - untaken) })
    if (hungry) return Effect.succeed("hungry" as const)
    return Effect.zipRight(change, look)
  })
  return {
    write: (bytes) => {
      hungry = false
      written += bytes.length
      last = bytes
      gunzip.write(bytes, () => {
        hungry = true
        happened()
      })
    },
    end: () => {
      hungry = false
      gunzip.end()
    },
    next: look,
    destroy: () => {
      gunzip.destroy()
    }
  }
}
