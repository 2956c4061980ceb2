import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { FinishedChunks } from "../src/internal/client/FinishedChunks.js"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const make = () => {
  const told: Array<ReadonlyArray<number>> = []
  return { told, finished: new FinishedChunks((chunks) => told.push(chunks)) }
}

it("a message takes finished chunks along, and nothing else is sent for them", () => {
  const { finished, told } = make()
  finished.add(1)
  finished.add(2)
  expect([finished.take(), finished.isEmpty()]).toEqual([[1, 2], true])
  vi.advanceTimersByTime(10_000)
  expect([told, finished.take()]).toEqual([[], []])
})

it("where no message is sent for a while, one is made for them", () => {
  const { finished, told } = make()
  finished.add(1)
  vi.advanceTimersByTime(400)
  finished.add(2)
  vi.advanceTimersByTime(100)
  expect([told, finished.isEmpty()]).toEqual([[[1, 2]], true])
})

it("a chunk that is given up is told at once, with those that have finished", () => {
  const { finished, told } = make()
  finished.add(1)
  finished.drop(2)
  expect(told).toEqual([[1, 2]])
  vi.advanceTimersByTime(10_000)
  expect(told.length).toBe(1)
})
