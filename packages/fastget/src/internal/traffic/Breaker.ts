/**
 * An origin that answers nothing is down: its entries end unasked, but for one
 * from time to time that finds out whether it still is. So is one that refuses
 * everything for too long. Until it is sure that nothing answers, only few
 * requests are sent: failed connections take the time of requests to others, and
 * entries that wait keep their attempts for an origin that comes back.
 */
import type { OriginState } from "./OriginState.js"

/** So many requests in a row without an answer, and over so many milliseconds: of an origin that never answered, and of one that did. */
const failuresInRow = 10
const newFor = 2000
const knownFor = 10_000

/** From one probe to the next, in milliseconds: the first time, and at most. */
const firstProbe = 1000
const lastProbe = 30_000

/** From one request to the next, in milliseconds, while it looks as if nothing answered: few, but soon enough to see it come back. */
const suspectPace = 100

export const isDown = (state: OriginState): boolean => state.downSince !== 0

/** So many requests in a row had no answer that more of them at once would be in vain. */
const isSuspect = (state: OriginState): boolean => !isDown(state) && state.failures >= failuresInRow

/** Milliseconds until a request may be sent to an origin that is not down; 0: now. */
export const wait = (state: OriginState, now: number): number =>
  isSuspect(state) ? Math.max(0, state.nextProbeAt - now) : 0

/** A request is sent. */
export const take = (state: OriginState, now: number): void => {
  if (isDown(state)) probe(state, now)
  else if (isSuspect(state)) state.nextProbeAt = now + suspectPace
}

/** Where the origin is down: may this request find out whether it still is? */
export const mayProbe = (state: OriginState, now: number): boolean => now >= state.nextProbeAt

const probe = (state: OriginState, now: number): void => {
  state.nextProbeAt = now + state.probeWait
  state.probeWait = Math.min(lastProbe, 2 * state.probeWait)
}

/** Gives a probe back that was not sent. */
export const refund = (state: OriginState): void => {
  state.nextProbeAt = 0
  if (!isDown(state)) return
  state.probeWait = Math.max(2 * firstProbe, state.probeWait / 2)
}

/** An answer came; `isGood`: and no refusal. */
export const answered = (state: OriginState, isGood: boolean): void => {
  state.failures = 0
  if (isGood || state.gaveUp === 0) state.downSince = state.gaveUp = state.skipped = 0
}

/** Nothing answered a request that was sent at `sentAt`. */
export const unreachable = (state: OriginState, now: number, sentAt: number): void => {
  const from = Math.max(sentAt, state.answeredAt)
  state.failingSince = state.failures === 0 ? from : Math.min(state.failingSince, from)
  state.failures++
  const time = state.answeredAt === 0 ? newFor : knownFor
  if (!isDown(state) && state.failures >= failuresInRow && now - state.failingSince >= time) goDown(state, now)
}

/** It refused everything for too long. */
export const giveUp = (state: OriginState, now: number): void => {
  if (isDown(state)) return
  state.gaveUp = 1
  goDown(state, now)
}

const goDown = (state: OriginState, now: number): void => {
  state.downSince = now
  state.skipped = 0
  state.nextProbeAt = now + firstProbe
  state.probeWait = 2 * firstProbe
}
