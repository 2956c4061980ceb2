import * as Batch from "#internal/wire/Batch"
import * as SharedBytes from "#internal/wire/SharedBytes"
import type { Answer } from "fastget/Outcome"
import * as RemoteChunk from "fastget/platform/RemoteChunk"
import { expect, it } from "vitest"

const failure = (held: number): Answer => ({
  result: { _tag: "Failure", reason: { _tag: "EmptyBody", status: 204 } },
  status: 204,
  headers: undefined,
  bytes: 0,
  attempts: 1,
  elapsed: 2,
  held
})

const body = (text: string, held: number): Answer => ({
  ...failure(held),
  result: { _tag: "Body", body: new TextEncoder().encode(text) }
})

it("answers keep what they are under other indices, and count for as much", () => {
  const batch = RemoteChunk.pack([[0, body("a", 3)], [1, failure(4)]], 5)
  const renumbered = RemoteChunk.renumber(batch, (index) => [17, 11][index]!)
  const seen: Array<unknown> = []
  Batch.unpack(
    renumbered,
    (index, { result }) =>
      seen.push([index, result._tag === "Body" ? new TextDecoder().decode(result.body) : result._tag])
  )
  expect([seen, renumbered.waiting, RemoteChunk.heldBy(renumbered)]).toEqual([[[17, "a"], [11, "Failure"]], 5, 7])
})

it("the bytes of a chunk are those of its run", () => {
  const shared = SharedBytes.make(640)
  const bytes = RemoteChunk.runBytes({ runId: 1, buffered: shared.chunk() })
  const freed: Array<string> = []
  const stop = bytes.onFree(() => freed.push("free"))
  bytes.add(10)
  expect([bytes.isSpent(), shared.isSpent(), bytes.isDrained()]).toEqual([true, true, false])
  shared.take(1)
  expect([bytes.isSpent(), freed]).toEqual([false, ["free"]])
  stop()
  shared.drain()
  expect([bytes.isDrained(), bytes.isSpent()]).toEqual([true, true])
})
