/**
 * Compressed bytes in, unpacked bytes out: a gzip file of any number of members,
 * also with zeros between and after them, as on tapes. It reads only when more is
 * asked for, and gives pieces of a bounded size. The scope owns the decoder.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as CliError from "../CliError.js"
import { GzipDecoder } from "./GzipDecoder.js"
import type { Source } from "./Source.js"

/** Whether there is enough to tell gzip, of which 1F 8B are the first bytes. */
export const isTellable = (start: Buffer): boolean => start.length > 1 || (start.length === 1 && start[0] !== 0x1f)

export const isGzip = (start: Buffer): boolean => start[0] === 0x1f && start[1] === 0x8b

/** A source of what is in the gzip of another. A file that ends too early, is damaged, or has something else after it fails. */
export const make = (source: Source): Effect.Effect<Source, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new Gunzip(source)),
      (gunzip) => Effect.sync(() => gunzip.close())
    ),
    ({ read }) => ({ name: source.name, read })
  )

class Gunzip {
  private decoder: GzipDecoder | undefined
  /** Compressed bytes that no decoder has taken. */
  private rest: Buffer = Buffer.alloc(0)

  constructor(private readonly source: Source) {}

  close(): void {
    this.decoder?.destroy()
  }

  readonly read: Source["read"] = Effect.gen(this, function*() {
    while (true) {
      const decoder = this.decoder ?? (yield* this.begin)
      if (decoder === undefined) return undefined
      const state = yield* decoder.next
      if (state instanceof Error) return yield* CliError.unreadable(this.source.name)(problem(state))
      if (Buffer.isBuffer(state)) return state
      if (state === "hungry") yield* this.feed(decoder)
      else {
        decoder.destroy()
        this.decoder = undefined
        this.rest = state.rest
      }
    }
  })

  private feed(decoder: GzipDecoder): Effect.Effect<void, CliError.InputFailed> {
    return Effect.map(this.source.read, (piece) => piece === undefined ? decoder.end() : decoder.write(piece))
  }

  /** Between the members zeros are skipped, anything else must be the next one; undefined at the end of the file. */
  private readonly begin: Effect.Effect<GzipDecoder | undefined, CliError.InputFailed> = Effect.gen(this, function*() {
    while (true) {
      const start = this.rest.findIndex((byte) => byte !== 0)
      if (start >= 0) {
        this.decoder = new GzipDecoder()
        this.decoder.write(this.rest.subarray(start))
        return this.decoder
      }
      const piece = yield* this.source.read
      if (piece === undefined) return undefined
      this.rest = piece
    }
  })
}

const problem = (error: Error): string =>
  "code" in error && error.code === "Z_BUF_ERROR"
    ? "its gzip data ends too early: the file is not whole"
    : `its gzip data is damaged (${error.message})`
