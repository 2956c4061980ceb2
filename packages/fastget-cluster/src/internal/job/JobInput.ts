/**
 * The input of a job: read once, cut into chunks of one partition each, and
 * stored with the number of entries that are stored by then, so that whoever
 * starts the job again goes on there.
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Entries, Entry } from "fastget/Entry"
import * as Target from "fastget/platform/Target"
import { createHash } from "node:crypto"
import { JobError } from "../../JobError.js"
import * as Partition from "../protocol/Partition.js"
import * as DatabaseFailure from "./DatabaseFailure.js"
import type { Job, JobStore, NewChunk, Stored } from "./JobStore.js"

/** An entry as it is stored: its number in the input, its id, its URL. */
export type StoredEntry = readonly [entry: number, id: unknown, url: string]

/** So many entries are stored at once, or what came within the time: with more, chunks of many origins are larger. */
const pageSize = 20_000
const pageWithin = "1 second"

/** The digest of no entry. */
export const digestOfNone = createHash("sha256").digest("hex")

/** Stores what is not stored of the input. */
export const load = <E = never, R = never>(
  store: JobStore,
  job: Job,
  entries: Entries<unknown, E, R>
): Effect.Effect<void, JobError | E, R> =>
  Effect.gen(function*() {
    const reader = new InputReader(job)
    const pages = Stream.groupedWithin(streamOf(entries), pageSize, pageWithin)
    yield* Stream.runForEach(pages, (page) =>
      Effect.gen(function*() {
        const before = reader.position()
        const chunks = yield* reader.read(Chunk.toReadonlyArray(page))
        if (chunks.length === 0) return
        const isStored = yield* DatabaseFailure.ofJob(
          job.id,
          store.addChunks(job.uid, chunks, before, reader.position())
        )
        if (!isStored) return yield* refused(store, job)
      }))
    yield* reader.end
    if (!(yield* DatabaseFailure.ofJob(job.id, store.loaded(job.uid)))) return yield* refused(store, job)
  })

const streamOf = <E, R>(entries: Entries<unknown, E, R>): Stream.Stream<Entry<unknown>, E, R> =>
  Stream.StreamTypeId in entries
    ? entries as Stream.Stream<Entry<unknown>, E, R>
    : Stream.fromIterable(entries as Iterable<Entry<unknown>>)

const refused = (store: JobStore, { id, uid }: Job): Effect.Effect<never, JobError> =>
  Effect.flatMap(DatabaseFailure.ofJob(id, store.find(id)), (job) =>
    new JobError({
      job: id,
      reason: job?.uid !== uid || job.state === "cancelled"
        ? { _tag: "Cancelled" }
        : { _tag: "Different", detail: "another program stores its entries" }
    }))

class InputReader {
  private readonly hash = createHash("sha256")
  private readonly parse = Target.makeParser()
  private count = 0

  constructor(private readonly job: Job) {}

  /** What is stored when all that was read is. */
  position(): Stored {
    return this.count <= this.job.entries
      ? { entries: this.job.entries, digest: this.job.digest }
      : { entries: this.count, digest: this.digest() }
  }

  /** The chunks of the next entries, but for those that are stored already; these have to be the same ones. */
  read(page: ReadonlyArray<Entry<unknown>>): Effect.Effect<ReadonlyArray<NewChunk>, JobError> {
    return Effect.suspend(() => {
      const parts = new Map<number, Array<StoredEntry>>()
      for (const [id, given] of page) {
        if (!isJson(id)) return new JobError({ job: this.job.id, reason: { _tag: "Id", entry: this.count } })
        const url = Target.urlText(given)
        this.hash.update(`${JSON.stringify([id, url])}\n`)
        const entry: StoredEntry = [this.count++, id, url]
        if (this.count > this.job.entries) add(parts, this.partOf(url), entry)
        else if (this.count === this.job.entries && this.digest() !== this.job.digest) {
          return this.different(`its first ${this.count} entries are others`)
        }
      }
      return Effect.succeed(
        [...parts].flatMap(([part, entries]) => chunksOf(part, entries, this.job.options.chunkSize))
      )
    })
  }

  /** Fails where the input has fewer entries than are stored. */
  readonly end: Effect.Effect<void, JobError> = Effect.suspend(() =>
    this.count < this.job.entries
      ? this.different(`${this.job.entries} entries of it are stored, and the input has ${this.count}`)
      : Effect.void
  )

  private digest(): string {
    return this.hash.copy().digest("hex")
  }

  private different(detail: string): JobError {
    return new JobError({ job: this.job.id, reason: { _tag: "Different", detail } })
  }

  /** What can't be fetched fails wherever it comes to. */
  private partOf(url: string): number {
    const target = this.parse(url)
    return target._tag === "Right" ? Partition.of(target.right.origin) : 0
  }
}

const add = (parts: Map<number, Array<StoredEntry>>, part: number, entry: StoredEntry): void => {
  const known = parts.get(part)
  if (known === undefined) parts.set(part, [entry])
  else known.push(entry)
}

/** The number of a chunk is that of its first entry, which no other one has. */
const chunksOf = (part: number, entries: ReadonlyArray<StoredEntry>, size: number): ReadonlyArray<NewChunk> =>
  Array.from({ length: Math.ceil(entries.length / size) }, (_, index) => {
    const own = entries.slice(index * size, (index + 1) * size)
    return { part, number: own[0]![0], entries: JSON.stringify(own) }
  })

const isJson = (value: unknown): boolean => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true
  if (typeof value === "number") return Number.isFinite(value)
  if (Array.isArray(value)) return value.every(isJson)
  if (typeof value !== "object" || ![Object.prototype, null].includes(Object.getPrototypeOf(value))) return false
  return Object.values(value).every(isJson)
}
