/**
 * How servers count what they admit: a bucket of tokens, windows of a fixed
 * time, a window that slides. The time is handed in, in milliseconds.
 */

export interface Limit {
  /** Says whether a request is admitted, and counts it if so. */
  readonly admits: (now: number) => boolean
  /** How many more would be admitted at once. */
  readonly remaining: (now: number) => number
  /** Milliseconds until one more is admitted than would be now. */
  readonly renewedIn: (now: number) => number
  /** How many a second are admitted in the long run. */
  readonly perSecond: () => number
  /** From now on so many a second; how many at once changes in proportion. */
  readonly change: (perSecond: number) => void
}

/** A bucket that holds `capacity` tokens and gets `perSecond` each second. It is full at first. */
export const bucket = (perSecond: number, capacity: number): Limit => {
  let rate = perSecond
  let most = capacity
  let level = capacity
  let at = -Infinity
  const fill = (now: number): number => {
    level = Math.min(most, level + Math.max(0, now - at) * rate / 1000)
    at = Math.max(at, now)
    // Sums of fractions may miss the whole number by the least bit.
    return Math.floor(level + 1e-9)
  }
  return {
    admits: (now) => {
      if (fill(now) < 1) return false
      level--
      return true
    },
    remaining: fill,
    renewedIn: (now) => {
      const whole = fill(now)
      return whole >= most ? 0 : (whole + 1 - level) / rate * 1000
    },
    perSecond: () => rate,
    change: (perSecond) => {
      most *= perSecond / rate
      level = Math.min(level, most)
      rate = perSecond
    }
  }
}

/** `limit` in each window of `length` milliseconds, the first of which begins with the first request. */
export const fixedWindow = (limit: number, length = 1000): Limit => {
  let most = limit
  let start = Number.NaN
  let count = 0
  const turn = (now: number): void => {
    if (Number.isNaN(start)) start = now
    if (now - start < length) return
    start += Math.floor((now - start) / length) * length
    count = 0
  }
  return counting(length, () => most, {
    used: (now) => {
      turn(now)
      return count
    },
    count: () => count++,
    renewedIn: (now) => start + length - now,
    change: (limit) => (most = limit)
  })
}

/** `limit` in any `length` milliseconds. */
export const slidingWindow = (limit: number, length = 1000): Limit => {
  let most = limit
  const admitted: Array<number> = []
  return counting(length, () => most, {
    used: (now) => {
      while (admitted.length > 0 && admitted[0]! <= now - length) admitted.shift()
      return admitted.length
    },
    count: (now) => admitted.push(now),
    renewedIn: (now) => admitted.length === 0 ? 0 : admitted[0]! + length - now,
    change: (limit) => (most = limit)
  })
}

interface Window {
  /** How many were admitted in the window. */
  readonly used: (now: number) => number
  readonly count: (now: number) => void
  readonly renewedIn: (now: number) => number
  readonly change: (limit: number) => void
}

const counting = (length: number, limit: () => number, window: Window): Limit => {
  const remaining = (now: number) => Math.max(0, limit() - window.used(now))
  return {
    admits: (now) => {
      if (remaining(now) < 1) return false
      window.count(now)
      return true
    },
    remaining,
    renewedIn: (now) => remaining(now) === limit() ? 0 : window.renewedIn(now),
    perSecond: () => limit() / length * 1000,
    change: (perSecond) => window.change(perSecond * length / 1000)
  }
}
