/**
 * An origin that refuses for the rate is closed for as long as it asks. A
 * refusal that comes for a probe, right after the gate was closed, means that
 * the wait was too short: the next is longer. The gate opens with a probe: the
 * first that is answered well opens it fully.
 */
import type { OriginState } from "./OriginState.js"

/** The wait in milliseconds where the server asks for none, and that of an origin for which it was too short. */
const shortestWait = 500
const firstWait = 1000

/** No wait is longer because those before were too short. */
const longestWait = 60_000

/** Another probe is sent where the last one has no answer after so many milliseconds: its thread may have died. */
export const probeAgainAfter = 250

/** Who has to wait for a probe's answer looks again after so many milliseconds. */
const lookAgainAfter = 20

export const isOpen = (state: OriginState): boolean => state.closedUntil === 0

/** Milliseconds until a request may be sent; 0: now. */
export const wait = (state: OriginState, now: number): number => {
  if (isOpen(state)) return 0
  if (now < state.closedUntil) return state.closedUntil - now
  return state.probeAt === 0 || now - state.probeAt >= probeAgainAfter ? 0 : lookAgainAfter
}

/** A request is sent, and is a probe where the gate is not open. */
export const take = (state: OriginState, now: number): void => {
  if (!isOpen(state)) state.probeAt = now
}

/** Closes by a refusal that asks for `asked` milliseconds. `random` keeps programs apart that were refused together. */
export const close = (state: OriginState, now: number, asked: number | undefined, random: number): void => {
  const isProbe = !isOpen(state)
  if (isProbe) {
    state.level++
    state.enough = firstWait
  } else {
    state.level = 0
    state.closedAt = now
  }
  const least = isProbe
    ? Math.min(longestWait, firstWait * 2 ** (state.level - 1))
    : Math.max(state.enough, asked === undefined ? shortestWait : 0)
  const all = least * (1.02 + 0.08 * random)
  state.closedFor = Math.max(asked ?? 0, all - (now - state.closedAt))
  state.closedUntil = now + state.closedFor
  state.epoch++
  state.probeAt = 0
  state.doubt = 0
  state.good = 0
}

/** A refusal of an earlier epoch asks for longer than those before it. */
export const extend = (state: OriginState, now: number, asked: number | undefined): void => {
  if (asked === undefined || now >= state.closedUntil || now + asked <= state.closedUntil) return
  state.closedFor += now + asked - state.closedUntil
  state.closedUntil = now + asked
}

/** A probe that was sent at `sentAt` is answered well. */
export const open = (state: OriginState, sentAt: number): void => {
  state.closedUntil = 0
  state.doubt = 0
  state.openedBefore = state.openedAt
  state.openedAt = sentAt
}
