/**
 * Reads a file of records that a run before has left, a piece at a time. What
 * comes after the last whole record is what a crash left of one.
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs/promises"
import * as CliError from "./CliError.js"
import * as GzipRecords from "./GzipRecords.js"
import type { Found, RecordFormat } from "./RecordFormat.js"

interface Record_ {
  /** With its line feed; good until the next piece is read. */
  readonly bytes: Buffer
  readonly found: Found
}

const pieceSize = 1024 * 1024

const failed = (name: string) => (error: unknown) =>
  new CliError.OutputFailed({ message: `${name} can't be read: ${CliError.systemMessage(error)}` })

/** A file of records, and how they are written there. */
export interface RecordFile {
  readonly path: string
  readonly format: RecordFormat
  readonly isGzip: boolean
}

type Each<E, R> = (records: ReadonlyArray<Record_>) => Effect.Effect<void, E, R>

/**
 * Gives the whole records of a file, in order, to `each`; the length of all of
 * them with the header. 0 where there is no file. A whole line that is no record
 * is an error, and so is a file that does not begin as one of ours: it is not to
 * be touched.
 */
export const scan = <E, R>(
  file: RecordFile,
  each: Each<E, R>
): Effect.Effect<number, E | CliError.OutputFailed, R> =>
  Effect.scoped(Effect.gen(function*() {
    const name = file.path
    const handle = yield* Effect.acquireRelease(
      Effect.tryPromise({ try: () => Fs.open(name), catch: (error) => error }),
      (handle) => Effect.ignore(Effect.tryPromise(() => handle.close()))
    ).pipe(Effect.catchAll((error) => isMissing(error) ? Effect.succeed(undefined) : Effect.fail(failed(name)(error))))
    if (handle === undefined) return 0
    return yield* file.isGzip ? scanMembers(handle, file, each) : scanPlain(handle, file, each)
  }))

const scanPlain = <E, R>(handle: Fs.FileHandle, { format, path }: RecordFile, each: Each<E, R>) =>
  Effect.gen(function*() {
    const piece = Buffer.allocUnsafe(pieceSize)
    let rest: Buffer = Buffer.alloc(0)
    let good = 0
    while (true) {
      const { bytesRead } = yield* Effect.tryPromise({
        try: () => handle.read(piece, 0, pieceSize, null),
        catch: failed(path)
      })
      if (bytesRead === 0) break
      const bytes = Buffer.concat([rest, piece.subarray(0, bytesRead)])
      const parsed = good === 0 && !isBeginning(bytes, format) ? undefined : parse(bytes, format, good)
      if (parsed === undefined) return yield* foreign(path)
      yield* each(parsed.records)
      good += parsed.length
      rest = bytes.subarray(parsed.length)
    }
    return good
  })

const scanMembers = <E, R>(handle: Fs.FileHandle, { format, path }: RecordFile, each: Each<E, R>) =>
  Effect.gen(function*() {
    let good = 0
    while (true) {
      const member = yield* Effect.tryPromise({ try: () => GzipRecords.read(handle, good), catch: failed(path) })
      if (member === undefined || member === "part") return good
      const parsed = member === "foreign" ? undefined : parse(member.records, format, good)
      // A member has whole records only.
      if (member === "foreign" || parsed?.length !== member.records.length) return yield* foreign(path)
      yield* each(parsed.records)
      good += member.length
    }
  })

const foreign = (name: string): CliError.OutputFailed =>
  failed(name)(new Error("it has lines that are not fastget's. Name another file, or --overwrite"))

/** Whether a file that may not have a whole record yet begins as ours do. */
const isBeginning = (bytes: Buffer, { header, recordStart }: RecordFormat): boolean => {
  const start = Buffer.from(`${header}${recordStart}`)
  return bytes.subarray(0, start.length).equals(start.subarray(0, bytes.length))
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT"

/** The whole records at the start of `bytes`, which are at `offset` of the file; undefined if one is none. */
const parse = (bytes: Buffer, format: RecordFormat, offset: number) => {
  const records: Array<Record_> = []
  let at = 0
  if (offset === 0 && format.header !== "") {
    const header = Buffer.from(format.header)
    if (bytes.length < header.length) {
      return header.subarray(0, bytes.length).equals(bytes) ? { records, length: 0 } : undefined
    }
    if (!bytes.subarray(0, header.length).equals(header)) return undefined
    at = header.length
  }
  for (let end = format.endOf(bytes, at); end >= 0; end = format.endOf(bytes, at)) {
    const found = format.read(bytes.subarray(at, end - 1))
    if (found === undefined) return undefined
    records.push({ bytes: bytes.subarray(at, end), found })
    at = end
  }
  return { records, length: at }
}
