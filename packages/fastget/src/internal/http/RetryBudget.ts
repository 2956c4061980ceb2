/**
 * How many retries a server is sent at most: a share of the requests, and a
 * floor. A server that fails now and then gets all of its retries; one that
 * fails always is not hammered. Held per worker and origin. What was earned
 * fades within some ten seconds: else a server that was healthy for hours would
 * get all the retries of these hours at once when it fails.
 */

export interface RetryBudget {
  /** Counts an entry's first request. It earns `ratio` of a retry. */
  readonly requested: (origin: string, ratio: number) => void
  /** Takes one retry, if there is one. With a ratio of Infinity there always is. */
  readonly take: (origin: string, ratio: number) => boolean
}

/**
 * The retries an origin may be sent in any case, so that runs of up to some
 * hundred entries get theirs: this many at once, and this many again after
 * `fadesWithin`.
 */
export const floor = 100

/** How long what was earned stays good, in milliseconds, as a mean. */
export const fadesWithin = 10_000

/** Origins that are known at the same time; beyond that the oldest account is forgotten. */
const mostOrigins = 10_000

interface Account {
  /** Earned since `at`, and not yet faded. */
  earned: number
  /** Earned before, faded. */
  credit: number
  floor: number
  at: number
}

/** A budget that has seen nothing yet. */
export const make = (now: () => number = () => performance.now()): RetryBudget => {
  const accounts = new Map<string, Account>()
  let lastOrigin = ""
  let last: Account | undefined

  const accountOf = (origin: string): Account => {
    // The entries of a stream mostly have the origin of the one before.
    if (last !== undefined && origin === lastOrigin) return last
    let account = accounts.get(origin)
    if (account === undefined) {
      if (accounts.size >= mostOrigins) accounts.delete(accounts.keys().next().value!)
      accounts.set(origin, account = { earned: 0, credit: 0, floor, at: now() })
    }
    lastOrigin = origin
    return last = account
  }

  return {
    requested: (origin, ratio) => {
      if (ratio !== Infinity) accountOf(origin).earned += ratio
    },
    take: (origin, ratio) => {
      if (ratio === Infinity) return true
      const account = accountOf(origin)
      settle(account, now())
      if (account.credit >= 1) account.credit--
      else if (account.floor >= 1) account.floor--
      else return false
      return true
    }
  }
}

/**
 * Brings an account up to now. Only a retry does, so that a request costs no
 * more than an addition; what was earned since then is taken to have come evenly.
 */
const settle = (account: Account, now: number): void => {
  const elapsed = (now - account.at) / fadesWithin
  account.at = now
  const kept = Math.exp(-elapsed)
  account.credit = account.credit * kept + (elapsed > 0 ? account.earned * (1 - kept) / elapsed : account.earned)
  account.earned = 0
  account.floor = Math.min(floor, account.floor + elapsed * floor)
}
