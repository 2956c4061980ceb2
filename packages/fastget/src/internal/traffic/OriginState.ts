/**
 * What the policies know of one origin: numbers only, so that it can lie in
 * memory that all threads share. Times are milliseconds of the pool's one clock
 * and above 0; 0 is "never". Whoever calls a policy has locked the origin.
 */

const nothing = {
  /** When the first request was sent. */
  startedAt: 0,
  /** When an answer of any status came last. */
  answeredAt: 0,
  /** Refusals in all. */
  refusals: 0,

  // Rate
  /** When the next turn of the rule's rate is due. */
  turnAt: 0,
  /** How long the turn was that was taken last, if it has to be given back. */
  turnOfRate: 0,
  /** The longest and the shortest time to an answer, in milliseconds, since `windowOfRateAt`. */
  slowest: 0,
  fastest: 0,
  windowOfRateAt: 0,
  /** The same of the window before, where answers came then (1). */
  slowestBefore: 0,
  fastestBefore: 0,
  answersBefore: 0,

  // Gate
  /** Rises when the gate closes. Answers to requests of an earlier epoch change nothing twice. */
  epoch: 0,
  /** When the gate opens; 0 where it is open. Past this time it opens with probes. */
  closedUntil: 0,
  /** For how many milliseconds it was closed last. */
  closedFor: 0,
  /** When it was closed by a refusal that was no probe's. */
  closedAt: 0,
  /** How many waits in a row were too short. */
  level: 0,
  /** The least wait in milliseconds, where what was asked for has been too short before. */
  enough: 0,
  /** When the last probe was sent; 0: the next may be sent at once. */
  probeAt: 0,
  /** How many probes were refused of which another one finds out whether that was their own matter. */
  doubt: 0,
  /** When the first request was sent that was answered well after the gate had been closed, and the same the time before. */
  openedAt: 0,
  openedBefore: 0,
  /** Requests of this epoch that were answered well. */
  good: 0,
  /** Since when nothing was answered well and something refused; 0 where there was a good answer since. */
  refusedSince: 0,

  // OwnMatter
  /** How many entries were found to be refused for their own sake. */
  own: 0,
  /** When the last of them was found. */
  ownAt: 0,
  /** Of the entries that were never refused before: how many in one are refused, over the last ones. */
  share: 0,
  /** How many entries were refused since the last good answer. */
  inRow: 0,

  // LearnedRate
  /** 0: none. 1: looked for. 2: settled. */
  phase: 0,
  /** Requests a second. */
  rate: 0,
  /** The rate with which the phase began. */
  rateFrom: 0,
  /** When the rate was brought up to date last. */
  rateAt: 0,
  /** When the rate began to grow, while it is looked for; 0: not yet. */
  growsFrom: 0,
  /** When it was settled. */
  settledAt: 0,
  /** When the next turn is due. */
  learnedTurnAt: 0,
  /** The last turn that was taken, if it has to be given back: its length, whether it was one of a burst, and the rate before. */
  turn: 0,
  turnOfBurst: 0,
  rateBefore: 0,
  /** By how many milliseconds a turn may be taken before it is due. */
  early: 0,
  /** Requests that may be sent at the pace of a burst: of all these, and those that are left. */
  burst: 0,
  burstLeft: 0,

  // RateEstimate: what the present rate was, and the next will be, concluded from
  /** What was admitted before the first refusal, and in how many milliseconds. */
  capacity: 0,
  capacityTime: 0,
  /** 1: something was counted and no conclusion drawn yet. */
  pending: 0,
  /** What was admitted from an opening to a refusal, in how many milliseconds, and of which epoch it was. */
  counted: 0,
  countedTime: 0,
  countedEpoch: 0,
  /** When that refusal came. */
  refusedAt: 0,
  /** How many milliseconds passed before that opening without a request. */
  waited: 0,
  /** The highest rate that was sustained. */
  peak: 0,

  // Quota
  /** Until when the headers' limit counts; 0: nothing is told that matters. */
  quotaUntil: 0,
  /** How many requests may still be sent until then, and what the server has told to remain. */
  quotaLeft: 0,
  quotaRemaining: 0,
  /** How many there are in a window. */
  quota: 0,

  // AdaptiveLimit
  limit: 0,
  /** 1: back pressure was felt once, so that the limit grows by one and no longer doubles. */
  felt: 0,
  /** When the limit was changed or confirmed last. */
  changedAt: 0,
  /** Answers since then are counted: how many, the sums of their times and of the squares, the most that were under way. */
  windowAt: 0,
  windowCount: 0,
  windowSum: 0,
  windowSquares: 0,
  windowInFlight: 0,
  /** The limit that was too high last; 0: none was. */
  tooHigh: 0,
  /** Mean and variance of the windows' means, in milliseconds. */
  mean: 0,
  variance: 0,
  /** The variance of single answers by the square of their mean. */
  spread: 0,
  /** The least mean of a window seen lately. */
  best: 0,
  /** The limit before it was lowered, perhaps several times, and the mean of then; 0: it has grown since. */
  heldLimit: 0,
  heldMean: 0,
  /** 1: it was lowered to see that since it was doubled last. */
  dipped: 0,
  /** When the limit was lowered last to see the best time again, or is lowered still where `dip` counts windows. */
  bestAt: 0,
  dip: 0,

  // Breaker
  /** Requests in a row that nothing answered, and when the first of them began. */
  failures: 0,
  failingSince: 0,
  /** Since when the origin is down; 0: it is not. */
  downSince: 0,
  /** 1: it is down because it refused everything for too long, and not because nothing answers. */
  gaveUp: 0,
  /** When the next probe may be sent, and how long after that the one after it. */
  nextProbeAt: 0,
  probeWait: 0,
  /** Entries that were ended unasked since it is down. */
  skipped: 0
}

export type OriginState = typeof nothing

/** An origin nothing is known of: all fields are 0, as memory is that nobody has written to. */
export const initial = (): OriginState => ({ ...nothing })

/** The fields in their order in shared memory. */
export const names = Object.keys(nothing) as ReadonlyArray<keyof OriginState>
