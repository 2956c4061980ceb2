/**
 * The rate at which an origin is asked after it has refused. First it is looked
 * for: a burst of what was admitted before the refusal, then a rate that grows
 * until the next one. Then it is settled a little below what the server admits
 * (`RateEstimate` says how much that is), kept for a while, and grows ever
 * faster, since the limit may have been raised. Where it grows to a multiple of
 * all that was sustained before, there is no limit any more, and it is forgotten.
 */
import type { OriginState } from "./OriginState.js"
import * as RateEstimate from "./RateEstimate.js"

/** While it is looked for, the rate grows by a quarter in 50 ms, or in 25 where what was admitted at once is many requests. */
const growth = Math.log(1.25) / 50
const many = 60

/** What was admitted in so many milliseconds was so at once: what came in that while does not matter. */
const atOnce = 30

/** A settled rate stays for so many milliseconds. */
const plateau = 9200

/** Then it is doubled within 0.8 s: it grows with the square of the time. */
const acceleration = Math.log(2) / 800 ** 2

/** The rate is forgotten at so many times what was sustained. */
const forgottenAt = 64

/** The lowest rate that is looked for first, a second. */
const lowest = 8

/** The rate that is looked for first, by what a second had before: a bucket that the burst has emptied is not full again. */
const lead = 1.5

/** A burst takes so many milliseconds at least: it must not have all connections under way when it is refused. */
const burstTime = 60

/** The most that a turn may be taken early, in milliseconds, so that timers that fire late cost nothing. */
const mostEarly = 20

/** A turn that is taken so many milliseconds late was not waited for: something else was. */
const unused = 10

/** Below this there is no burst, and a turn can't be early: the server may admit one request at a time only. */
const fewest = 8

/** Milliseconds until a request may be sent; 0: now. */
export const wait = (state: OriginState, now: number): number =>
  state.phase === 0 ? 0 : Math.max(0, state.learnedTurnAt - state.early - now)

export const take = (state: OriginState, now: number): void => {
  state.rateBefore = state.rate
  if (state.phase === 1) search(state, now)
  if (state.phase === 2) grow(state, now)
  state.rateAt = now
  if (state.phase === 0) return
  const isBurst = state.burstLeft > 0
  if (isBurst) state.burstLeft--
  state.turnOfBurst = isBurst ? 1 : 0
  state.turn = isBurst ? Math.min(1000 / state.rate, burstTime / state.capacity) : 1000 / state.rate
  state.learnedTurnAt = Math.max(state.learnedTurnAt, now) + state.turn
}

/** Gives the turn back that was taken last and not used: by it the rate has not grown either. */
export const refund = (state: OriginState): void => {
  if (state.phase === 0) return
  state.learnedTurnAt -= state.turn
  state.burstLeft += state.turnOfBurst
  if (state.phase === 1) state.rate = state.rateBefore
  nothingTaken(state)
}

const nothingTaken = (state: OriginState): void => {
  state.turn = state.turnOfBurst = 0
  state.rateBefore = state.rate
}

/** Something was refused that may be its own matter: a settled rate does not grow on. */
export const keep = (state: OriginState, now: number): void => {
  if (state.phase !== 2) return
  if (now - state.settledAt > plateau) state.rate = state.rateFrom = 0.95 * state.rate
  state.settledAt = now
}

/** Another pool has learned it: it counts as settled now, and grows as if it had been learned here. */
export const inherit = (state: OriginState, rate: number, now: number): void => {
  state.phase = 2
  state.rate = state.rateFrom = state.peak = rate
  state.capacity = Math.max(1, Math.round(rate))
  state.capacityTime = 1000
  state.settledAt = state.rateAt = state.growsFrom = now
  state.burst =
    state.burstLeft =
    state.early =
    state.pending =
      0
  state.learnedTurnAt = now + 1000 / rate
  nothingTaken(state)
}

export const forget = (state: OriginState): void => {
  state.phase =
    state.rate =
    state.peak =
    state.enough =
    state.pending =
      0
}

/** The gate closes: what was admitted until now is counted. */
export const closed = (state: OriginState, now: number, admittedWithin: (millis: number) => number): void => {
  if (state.phase === 0) {
    // What was counted before a wait that was too short still is what the server admits.
    if (state.pending === 1 && state.good === 0) return
    state.capacityTime = Math.min(1000, now - state.startedAt)
    state.counted = admittedWithin(state.capacityTime + 1)
  } else if (state.good === 0) return
  else {
    state.counted = state.good
    state.countedTime = Math.max(1, now - state.openedAt)
    if (state.countedTime > 300) state.peak = Math.max(state.peak, state.counted / state.countedTime * 1000)
  }
  state.countedEpoch = state.epoch
  state.refusedAt = now
  state.pending = 1
}

/** A good answer to a request that was sent before the gate closed counts as well. */
export const answeredLate = (state: OriginState, epoch: number): void => {
  if (state.pending === 1 && epoch === state.countedEpoch) state.counted++
}

/** The gate is open: now nothing more comes of what was sent before it closed, and the next rate is concluded. */
export const opened = (state: OriginState, now: number): void => {
  const waited = state.openedAt - state.refusedAt
  if (state.pending === 1) conclude(state, waited)
  state.pending = 0
  if (state.phase === 0) return
  nothingTaken(state)
  state.waited = waited
  state.settledAt = state.rateAt = now
  state.growsFrom = state.burstLeft > 0 ? 0 : now
  const interval = 1000 / state.rate
  state.early = state.capacity < fewest ? Math.max(0, state.capacity - 2) * interval / 2 : mostEarly
  state.early = Math.min(mostEarly, state.early)
  state.learnedTurnAt = now + (state.burstLeft > 0 ? 0 : interval + state.early)
}

const conclude = (state: OriginState, waited: number): void => {
  if (state.phase === 0) {
    state.capacity = Math.max(1, state.counted)
    begin(state, waited)
  } else if (state.phase === 1 && isTooEarly(state)) begin(state, waited)
  else {
    state.rate = state.phase === 1 ? RateEstimate.first(state, waited) : RateEstimate.next(state, waited, ended(state))
    state.rateFrom = state.rate
    state.burstLeft = 0
    state.phase = 2
  }
}

/** Refused soon after a wait of less than a second, in which the server can't have made room for much. */
const isTooEarly = ({ capacity, counted, countedTime, waited }: OriginState): boolean =>
  counted < Math.max(3, 0.3 * capacity) && waited < 900 && countedTime < 300

const begin = (state: OriginState, waited: number): void => {
  const seconds = Math.max(1, waited / 1000)
  state.phase = 1
  state.rate = state.rateFrom = Math.max(lowest, lead * state.capacity / seconds)
  // Where the first requests took longer, some of them were admitted by what came in that while.
  const share = Math.min(1, waited / 1000) * (state.capacityTime > atOnce ? 0.6 : 1)
  state.burst = state.capacity < fewest ? 1 : Math.max(1, Math.floor(state.capacity * share))
  // One of it was the probe.
  state.burstLeft = state.burst - 1
}

/** Only the time in which requests were sent counts: a rate that nobody uses proves nothing. */
const search = (state: OriginState, now: number): void => {
  if (state.burstLeft > 0) return
  if (state.growsFrom === 0) state.growsFrom = now
  if (now - state.learnedTurnAt > unused) return
  const time = Math.min(now - state.rateAt, 50 + 1000 / state.rate)
  state.rate *= Math.exp((hasMany(state) ? 2 * growth : growth) * Math.max(0, time))
}

const hasMany = ({ capacity, capacityTime }: OriginState): boolean => capacity >= many && capacityTime <= atOnce

const grow = (state: OriginState, now: number): void => {
  const time = now - state.settledAt - plateau
  if (time <= 0) return
  state.rate = state.rateFrom * Math.exp(acceleration * time * time)
  if (state.rate > forgottenAt * Math.max(state.rateFrom, state.peak)) forget(state)
}

/** How long the rate had been growing after its plateau when it was refused, and what it was then. */
const ended = (state: OriginState): RateEstimate.Growth => ({
  time: state.refusedAt - state.settledAt - plateau,
  rate: (at) => state.rateFrom * Math.exp(acceleration * at * at)
})
