/**
 * The sink of a job in a folder that all runners share: a file of NDJSON for each
 * chunk, which appears under its name when it is whole, so that a chunk that is
 * fetched again replaces it.
 */
import * as Effect from "effect/Effect"
import * as FailureRecord from "fastget/platform/FailureRecord"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"
import type { JobOutcome } from "../../FetchSink.js"
import type { NamedChunk } from "./JobStore.js"

/** A name that every file system has, and no other job. */
export const folderOf = (folder: string, job: string): string =>
  Path.join(folder, encodeURIComponent(job).replaceAll(".", "%2E").replaceAll("*", "%2A"))

/** Collects the outcomes of a chunk in a file that does not have its name yet. */
export const open = (folder: string, { job, number, part }: NamedChunk) =>
  Effect.gen(function*() {
    const own = folderOf(folder, job)
    const name = Path.join(own, `${String(number).padStart(12, "0")}-${part}.ndjson`)
    const unfinished = `${name}.${Crypto.randomUUID()}.unfinished`
    const file = yield* Effect.acquireRelease(
      Effect.tryPromise(async () => {
        await Fs.mkdir(own, { recursive: true })
        return await Fs.open(unfinished, "w")
      }),
      // A folder that is away by now can't be tidied up, and what failed before has said so.
      (file) => Effect.ignore(Effect.tryPromise(() => file.close().finally(() => Fs.rm(unfinished, { force: true }))))
    )
    return {
      write: (outcomes: ReadonlyArray<JobOutcome>) =>
        Effect.tryPromise(() => file.appendFile(outcomes.map(lineOf).join(""))),
      /** Everything is written: waits until it is on the disk, and closes the file. */
      close: Effect.tryPromise(async () => {
        await file.sync()
        await file.close()
      }),
      /** Gives the file its name, in the place of one that is there. */
      place: Effect.tryPromise(async () => {
        await Fs.rename(unfinished, name)
        await synced(own)
      })
    }
  })

/** The names in a folder are on the disk, too, where a system can be told so. */
const synced = async (folder: string): Promise<void> => {
  const opened = await Fs.open(folder, "r").catch(() => undefined)
  await opened?.sync().catch(() => {}).finally(() => opened.close())
}

/** As the command writes it: `{"id":7,"url":"https:…","ok":true,"status":200,"json":…}`. */
export const lineOf = ({ id, result, status, text, url }: JobOutcome): string => {
  const start = `{"id":${JSON.stringify(id)},"url":${JSON.stringify(url)},"ok":${result._tag === "Right"}`
  return result._tag === "Right"
    ? `${start},"status":${status ?? null},"json":${text ?? "null"}}\n`
    : `${start},"error":${FailureRecord.text(result.left)}}\n`
}
