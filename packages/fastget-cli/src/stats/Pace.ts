/**
 * How fast it goes: now, and as it is to be expected of the rest. Both from what
 * was recorded lately, in a memory of fixed size.
 */

/**
 * Times are in milliseconds from the start and don't go back.
 */
export interface Pace {
  readonly record: (at: number, amount: number) => void
  /** A second's amount over the last five seconds. */
  readonly now: (at: number) => number
  /**
   * A second's amount over the last part of the run, smooth: what was recorded fades away with a third of the time
   * that has passed, between 3 and 60 seconds. 0 in the first second, which is too short to tell.
   */
  readonly expected: (at: number) => number
}

const slot = 500
const slots = 10
const shortestFade = 3000
const longestFade = 60_000

export const make = (): Pace => {
  const recent = new Float64Array(slots + 1)
  let current = 0
  let expected = 0

  // Ends all slots before the one of `at`: the first has what was recorded, the others nothing.
  const advance = (at: number): void => {
    const next = Math.floor(at / slot)
    if (next <= current) return
    fade(recent[current % recent.length]!, 1)
    if (next > current + 1) fade(0, next - current - 1)
    for (let index = Math.max(current + 1, next - slots); index <= next; index++) recent[index % recent.length] = 0
    current = next
  }

  const fade = (amount: number, ended: number): void => {
    const passed = (current + ended) * slot
    const span = ended * slot
    const weight = 1 - Math.exp(-span / Math.min(longestFade, Math.max(shortestFade, passed / 3)))
    // In the first seconds it is the plain average.
    expected += Math.max(weight, passed <= shortestFade ? span / passed : 0) * (amount * 1000 / span - expected)
  }

  return {
    record: (at, amount) => {
      advance(at)
      recent[current % recent.length]! += amount
    },
    now: (at) => {
      advance(at)
      const first = Math.max(0, current - slots)
      const span = at - first * slot
      return span <= 0 ? 0 : recent.reduce((all, each) => all + each, 0) * 1000 / span
    },
    expected: (at) => {
      advance(at)
      return at < 1000 ? 0 : expected
    }
  }
}
