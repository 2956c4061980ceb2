/**
 * How threads wake each other: a thread is rung for a slot of the `OriginTable`,
 * and looks after its entries there. One word a thread, which rises when it is
 * rung, and a bit for each slot. Whoever waits for its bell does not keep the
 * process alive, and costs nothing until it rings.
 */
import type { Layout } from "./TableLayout.js"

/** Rings a thread for a slot. */
export const ring = (words: Int32Array, layout: Layout, thread: number, slot: number): void => {
  Atomics.or(words, layout.rung + thread * layout.rungWords + (slot >> 5), 1 << (slot & 31))
  const bell = layout.bells + thread
  Atomics.add(words, bell, 1)
  // Memory that is not shared has nobody else who waits.
  Atomics.notify(words, bell)
}

/** Calls back with each slot that the thread was rung for, once for all times. */
export const answer = (words: Int32Array, layout: Layout, thread: number, onRung: (slot: number) => void): void => {
  const from = layout.rung + thread * layout.rungWords
  for (let word = 0; word < layout.rungWords; word++) {
    if (Atomics.load(words, from + word) === 0) continue
    let bits = Atomics.exchange(words, from + word, 0)
    while (bits !== 0) {
      const bit = 31 - Math.clz32(bits)
      bits &= ~(1 << bit)
      onRung(word * 32 + bit)
    }
  }
}

/** The part of Atomics.waitAsync that is needed, which the types of ES2022 don't have. */
interface WaitAsync {
  waitAsync(words: Int32Array, at: number, value: number): {
    readonly async: boolean
    readonly value: Promise<unknown> | string
  }
}

/** Calls back whenever the thread is rung, until the returned function is called. The memory must be shared. */
export const listen = (
  words: Int32Array,
  layout: Layout,
  thread: number,
  onRung: (slot: number) => void
): () => void => {
  const state = { isOver: false }
  const bell = layout.bells + thread
  const wait = () => {
    while (!state.isOver) {
      const seen = Atomics.load(words, bell)
      answer(words, layout, thread, onRung)
      const waited = (Atomics as unknown as WaitAsync).waitAsync(words, bell, seen)
      if (!waited.async) continue
      void (waited.value as Promise<unknown>).then(wait)
      return
    }
  }
  wait()
  return () => {
    state.isOver = true
    // Whoever waits is let go.
    Atomics.notify(words, bell)
  }
}
