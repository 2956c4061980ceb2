/** Chunks on the consumer's side: entries, what goes to a worker, and batches of answers as they come back. */
import * as Answers from "#internal/wire/Answers"
import * as Batch from "#internal/wire/Batch"
import type { WireChunk } from "#internal/wire/Chunk"
import type * as SharedBytes from "#internal/wire/SharedBytes"
import type { Entry, Outcome } from "fastget"
import * as ChunkContexts from "./ChunkContexts.js"

export const entries = (...ids: ReadonlyArray<number>): ReadonlyArray<Entry.Entry<number>> =>
  ids.map((id) => [id, `http://a.example/${id}`])

export const toWire =
  (buffered: SharedBytes.SharedBytes) => (chunk: ReadonlyArray<Entry.Entry<number>>): WireChunk => ({
    runId: 1,
    as: "json",
    withHeaders: false,
    quick: false,
    drainable: false,
    settings: ChunkContexts.defaults,
    buffered: buffered.chunk(),
    urls: chunk.map(([, url]) => String(url))
  })

/** An answer that has a body, and counts for so many units while it waits. */
export const answer = (held = 0): Outcome.Answer => ({
  ...Answers.unanswered({ _tag: "EmptyBody", status: 200 }),
  result: { _tag: "Body", body: new TextEncoder().encode("{}") },
  status: 200,
  attempts: 1,
  held
})

/** The answers of the entries at these indices of a chunk, of which `waiting` wait for a connection yet. */
export const batch = (indices: ReadonlyArray<number>, waiting = 0, held = 0): Batch.WireBatch =>
  Batch.pack(indices.map((index) => [index, answer(held)]), waiting)
