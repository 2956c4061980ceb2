/**
 * Compressed outputs: gzip in members of whole records, one after another, as
 * every program that reads gzip takes them. Each says in its header how long it
 * is (in a field of its own, as bgzip does), so that a file is read again member
 * by member, and what a crash left of the last one is known and cut off.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { FileHandle } from "node:fs/promises"
import * as Util from "node:util"
import * as Zlib from "node:zlib"
import type * as Sink from "./Sink.js"

/** Bytes of records in a member; it may exceed them by a batch, and has fewer where `flushEvery` is over first. */
const memberSize = 256 * 1024

/** How long records wait for others. */
const flushEvery = "1 second"

/** What zlib's header is: no name, no time. */
const plainHeader = 10

/** Our header: a flag for the extra field, then that field, whose subfield FG has four bytes: the length of the member. */
const start = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 8, 0, 0x46, 0x47, 4, 0])
const headerSize = start.length + 4

const gzip = Util.promisify<Buffer, Buffer>(Zlib.gzip)
const gunzip = Util.promisify<Buffer, Buffer>(Zlib.gunzip)

const pack = (records: Buffer): Effect.Effect<Buffer> =>
  Effect.map(Effect.promise(() => gzip(records)), (bytes) => {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(headerSize + bytes.length - plainHeader)
    return Buffer.concat([start, length, bytes.subarray(plainHeader)])
  })

/**
 * Compresses what goes to a sink. Records wait up to a second for others; with
 * `sync` they go at once. `isNew` says that nothing is there yet: even without a
 * record it then becomes a gzip file.
 */
export const over = (sink: Sink.Sink, isNew: boolean): Effect.Effect<Sink.Sink, never, Scope.Scope> =>
  Effect.gen(function*() {
    const turn = yield* Effect.makeSemaphore(1)
    let isEmpty = isNew
    let size = 0
    let parts: Array<Buffer> = []
    let failure: Sink.Failure | undefined
    const put = Effect.suspend(() => {
      const records = Buffer.concat(parts)
      parts = []
      size = 0
      isEmpty = false
      return Effect.flatMap(pack(records), (member) => sink.write(member))
    })
    const flush = Effect.suspend(() => size === 0 ? Effect.void : put)
    const checked = Effect.suspend(() => failure === undefined ? Effect.void : Effect.fail(failure))
    const inTurn = <A>(effect: Effect.Effect<A, Sink.Failure>) => turn.withPermits(1)(Effect.zipRight(checked, effect))
    yield* inTurn(flush).pipe(
      // The next write fails with it.
      Effect.catchAll((error) =>
        Effect.sync(() => {
          failure = error
        })
      ),
      Effect.delay(flushEvery),
      Effect.forever,
      // Also where the output is opened uninterruptibly.
      Effect.interruptible,
      Effect.forkScoped
    )
    return {
      write: (bytes) =>
        inTurn(Effect.suspend(() => {
          parts.push(bytes)
          size += bytes.length
          return size < memberSize ? Effect.void : put
        })),
      sync: Effect.zipRight(inTurn(Effect.suspend(() => isEmpty ? put : flush)), sink.sync)
    }
  })

export interface Member {
  readonly records: Buffer
  /** How many bytes it takes in the file. */
  readonly length: number
}

/**
 * The member at an offset of a file: "part" where a crash or a power cut has left
 * something else than all of it at the end of the file, undefined at the end,
 * and "foreign" for what `over` has not written.
 */
export const read = async (handle: FileHandle, at: number): Promise<Member | "part" | "foreign" | undefined> => {
  const header = await readAt(handle, at, headerSize)
  if (header.length === 0) return undefined
  const known = header.subarray(0, start.length)
  if (at > 0 && known.every((byte) => byte === 0)) return "part"
  if (!known.equals(start.subarray(0, known.length))) return "foreign"
  if (header.length < headerSize) return "part"
  const length = header.readUInt32LE(start.length)
  const { size } = await handle.stat()
  if (at + length > size) return "part"
  const member = await readAt(handle, at, length)
  return gunzip(member).then(
    (records) => ({ records, length }),
    () => at > 0 && at + length === size ? "part" : "foreign"
  )
}

const readAt = async (handle: FileHandle, at: number, length: number): Promise<Buffer> => {
  const buffer = Buffer.alloc(length)
  let size = 0
  while (size < length) {
    const { bytesRead } = await handle.read(buffer, size, length - size, at + size)
    if (bytesRead === 0) break
    size += bytesRead
  }
  return buffer.subarray(0, size)
}
