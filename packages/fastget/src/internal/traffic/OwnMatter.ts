/**
 * Tells entries that are refused for their own sake (429 for one path only)
 * from an origin that refuses. The entry by which the gate was closed is the
 * first to be sent when it opens. If it is refused again and another one is not,
 * it was its own matter, and the gate opens. Where that happens twice in a row,
 * refusals close the gate no more: each entry waits by itself.
 */
import type { OriginState } from "./OriginState.js"

/** So many in a row are no chance. */
const enough = 2

/** Nothing of the kind for so many milliseconds: what was found is forgotten. */
const forgottenAfter = 60_000

/** The answers that `share` is an average of, and the share from which on the origin is meant. */
const answers = 16
const most = 0.5

/** An entry that was refused so often fails. */
export const mostRefusals = 5

/** The first wait of an entry is twice this, and each next one twice the one before, in milliseconds. */
const base = 500

/** Whether refusals are the entries' own matter for now. */
export const isKnown = (state: OriginState): boolean => state.own >= enough

/** Whether to ask another entry before the gate is closed again, since this one has been refused before. */
export const isDoubtful = (state: OriginState, refusals: number): boolean => refusals > 0 && state.doubt === 0

/** Another one was answered well: the one before was refused for its own sake. */
export const found = (state: OriginState, now: number): void => {
  state.own++
  state.ownAt = now
  state.share = 0
}

/** A good answer to an entry that had been sent back `refusals` times. */
export const answered = (state: OriginState, now: number, refusals: number): void => {
  if (state.own === 0) return
  if (refusals === 0) state.share -= state.share / answers
  const isOver = isKnown(state) ? now - state.ownAt > forgottenAfter : refusals > 0
  if (isOver) state.own = state.share = 0
}

/** An entry was refused, where that is its own matter. Returns false where so many are that it isn't any more. */
export const refused = (state: OriginState, now: number, refusals: number): boolean => {
  state.ownAt = now
  if (refusals === 0) state.share += (1 - state.share) / answers
  if (state.share <= most) return true
  state.own = state.share = 0
  return false
}

/** How long the entry waits by itself. */
export const wait = (refusals: number, asked: number | undefined, random: number): number =>
  Math.max(asked ?? 0, base * 2 ** refusals * (1 + 0.1 * random))
