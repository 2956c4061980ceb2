/**
 * At which rate a server's bucket of tokens is filled, concluded from what it
 * has admitted until it was empty. Arithmetic only.
 */

/** What was sent until the bucket was empty, in order: nothing after `start`, then `sent` a second for `time` milliseconds. */
export interface Course {
  /** How many tokens the bucket holds, if `rate` come in a second. */
  readonly depth: (rate: number) => number
  /** How many it held at the beginning. */
  readonly start: (rate: number) => number
  readonly time: number
  /** Requests a second, so many milliseconds after the beginning. */
  readonly sent: (at: number) => number
}

/** The course is followed in so many steps. */
const steps = 100

/** The rate is found to 30 binary digits. */
const halvings = 30

/** The least rate up to `most` a second with which the bucket lasts. */
export const leastRate = (course: Course, most: number): number => {
  let low = 0
  let high = most
  for (let n = 0; n < halvings; n++) {
    const rate = (low + high) / 2
    if (lasts(course, rate)) high = rate
    else low = rate
  }
  return low
}

const lasts = ({ depth, sent, start, time }: Course, rate: number): boolean => {
  const step = time / steps
  const most = depth(rate)
  let level = Math.min(most, start(rate))
  for (let n = 0; n < steps; n++) {
    level = Math.min(most, level + (rate - sent(step * (n + 0.5))) * step / 1000)
    if (level < 0) return false
  }
  return true
}
