/**
 * Reads the file of records of an earlier run, a piece at a time. What follows the
 * last whole record is a part of one, which a crash has left.
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs/promises"
import * as CliError from "../CliError.js"
import * as GzipRecords from "./GzipRecords.js"
import type { Found, NoRecord, RecordFormat } from "./RecordFormat.js"

interface Record_ {
  /** With its line feed; good until the next piece is read. */
  readonly bytes: Buffer
  readonly found: Found
}

const pieceSize = 1024 * 1024

const failed = (name: string) => (error: unknown) =>
  new CliError.OutputFailed({ message: `${name} can't be read: ${CliError.systemMessage(error)}` })

const problems: Readonly<Record<NoRecord, string>> = {
  "foreign": "it has lines that are not fastget's. Name another file, or --overwrite",
  "without URL":
    "an older fastget wrote it, without the URLs by which entries are known again. Name another file, or --overwrite"
}

/** A file holds something other than records as this version writes them. */
export class Refused extends CliError.OutputFailed {
  constructor(path: string, readonly why: NoRecord) {
    super({ message: `${path} can't be read: ${problems[why]}` })
  }
}

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
 * is an error, and so is a file that does not begin as one of ours: such a file
 * must not be changed.
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
      const parsed = parse(bytes, format, good)
      if (typeof parsed === "string") return yield* new Refused(path, parsed)
      if (good === 0 && !isBeginning(bytes, format)) return yield* new Refused(path, "foreign")
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
      if (member === "foreign") return yield* new Refused(path, member)
      const parsed = parse(member.records, format, good)
      if (typeof parsed === "string") return yield* new Refused(path, parsed)
      // A member has whole records only.
      if (parsed.length !== member.records.length) return yield* new Refused(path, "foreign")
      yield* each(parsed.records)
      good += member.length
    }
  })

/** Whether a file that may not have a whole record yet begins as ours do. */
const isBeginning = (bytes: Buffer, { header, recordStart }: RecordFormat): boolean => {
  const start = Buffer.from(`${header}${recordStart}`)
  return bytes.subarray(0, start.length).equals(start.subarray(0, bytes.length))
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT"

/** The whole records at the start of `bytes`, which are at `offset` of the file; or why one of them can't be read. */
const parse = (
  bytes: Buffer,
  format: RecordFormat,
  offset: number
): { readonly records: ReadonlyArray<Record_>; readonly length: number } | NoRecord => {
  const records: Array<Record_> = []
  let at = 0
  if (offset === 0 && format.header !== "") {
    const header = Buffer.from(format.header)
    if (!bytes.subarray(0, header.length).equals(header)) {
      if (header.subarray(0, bytes.length).equals(bytes)) return { records, length: 0 }
      return bytes.toString("latin1", 0, format.headerWithoutUrl.length) === format.headerWithoutUrl
        ? "without URL"
        : "foreign"
    }
    at = header.length
  }
  for (let end = format.endOf(bytes, at); end >= 0; end = format.endOf(bytes, at)) {
    const found = format.read(bytes.subarray(at, end - 1))
    if (typeof found === "string") return found
    records.push({ bytes: bytes.subarray(at, end), found })
    at = end
  }
  return { records, length: at }
}
