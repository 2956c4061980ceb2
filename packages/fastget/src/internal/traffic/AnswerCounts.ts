/**
 * How many requests of an origin were answered lately, over all threads. Each
 * thread counts its own by slices of time, in words that only it writes, so that
 * an answer costs no more than an addition; who wants to know adds them up.
 */
import type { OriginTable } from "./OriginTable.js"
import * as TableLayout from "./TableLayout.js"

const { sliceLength, slices } = TableLayout
const { answered, slice: lastSlice, slices: first } = TableLayout.thread

/** The number of a slice: it fits into a word for four years of the pool's clock, and then begins anew. */
const sliceAt = (now: number): number => Math.floor(now / sliceLength) % 2 ** 31

/** Counts an answer that came to this thread. */
export const add = (table: OriginTable, slot: number, thread: number, now: number): void => {
  const { words } = table
  const part = table.part(slot, thread)
  const slice = sliceAt(now)
  const before = words[part + lastSlice]!
  if (slice !== before) {
    const passed = Math.min(slices, slice > before ? slice - before : slices)
    for (let n = 0; n < passed; n++) words[part + first + (slice - n + slices) % slices] = 0
    words[part + lastSlice] = slice
  }
  words[part + first + slice % slices]!++
  words[part + answered]!++
}

/** How many came within so many milliseconds, up to two seconds; of the slice that is cut, its part. */
export const within = (table: OriginTable, slot: number, millis: number, now: number): number => {
  const { words } = table
  const current = sliceAt(now)
  const back = Math.min(millis, (slices - 1) * sliceLength) / sliceLength
  // The slice that is under way has lasted for a part of its length only.
  const begun = now / sliceLength - Math.floor(now / sliceLength)
  let sum = 0
  for (let thread = 1; thread <= table.wire.threads; thread++) {
    const part = table.part(slot, thread)
    const last = words[part + lastSlice]!
    for (let n = 0; n < slices; n++) {
      const age = current - (last - n)
      if (age < 0 || last - n < 0) continue
      const share = age === 0 ? 1 : Math.min(1, Math.max(0, back - begun - (age - 1)))
      if (share === 0) break
      sum += share * words[part + first + (last - n) % slices]!
    }
  }
  return Math.round(sum)
}

/** How many came in all. */
export const inAll = (table: OriginTable, slot: number): number => {
  let sum = 0
  for (let thread = 1; thread <= table.wire.threads; thread++) {
    sum += table.words[table.part(slot, thread) + answered]!
  }
  return sum
}
