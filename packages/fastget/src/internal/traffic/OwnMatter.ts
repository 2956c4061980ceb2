/**
 * Tells entries that are refused for their own sake (429 for one path only)
 * from an origin that refuses. The entry by which the gate was closed is the
 * first to be sent when it opens. If it is refused again and another one is not,
 * it was its own matter, and the gate opens. Where that happened twice, a refusal
 * closes the gate no more, but several in a row do: each entry waits by itself.
 */
import type { OriginState } from "./OriginState.js"

/** Of the origin's entries that were never refused before: the share that is refused, as an average over so many. */
const answers = 64

/** Shares that are assumed at least and at most. */
const leastShare = 0.2
const mostShare = 0.8

/** What is less likely than this is no chance: that entries of others' are refused in a row, and that one is each time. */
const chanceInRow = 0.001
const chanceOfOne = 0.005

/** Nothing of the kind for so many milliseconds: what was found is forgotten. */
const forgottenAfter = 60_000

/** An entry that was refused less often is asked for again. */
const fewest = 4

/** So many probes that had been refused before say nothing of the origin; another one does. */
const mostDoubts = 3

/** The first wait of an entry is twice this, and each next one twice the one before, in milliseconds and up to `longestWait`. */
const base = 500
const longestWait = 8000

/** Entries were found twice, or this one has been refused so often since one was found. */
export const isKnown = ({ own }: OriginState, refusals: number): boolean => own >= 2 || (own === 1 && refusals >= 3)

/** Whether to ask another entry before the gate is closed again, since this one has been refused before: some times. */
export const isDoubtful = (state: OriginState, refusals: number): boolean => refusals > 0 && state.doubt < mostDoubts

/** Another one was answered well: the one before was refused for its own sake. */
export const found = (state: OriginState, now: number): void => {
  state.own++
  state.ownAt = now
}

/** A good answer to an entry that had been sent back `refusals` times. */
export const answered = (state: OriginState, now: number, refusals: number): void => {
  state.inRow = 0
  if (refusals === 0) state.share -= state.share / answers
  if (state.own === 0) return
  if (state.own === 1 ? refusals > 0 : now - state.ownAt > forgottenAfter) state.own = 0
}

/** An entry was refused. */
export const refused = (state: OriginState, refusals: number): void => {
  // Those that were refused before say nothing of the origin.
  if (refusals > 0) return
  state.share += (1 - state.share) / answers
  state.inRow++
}

/** Whether so many were refused in a row that the origin is meant. */
export const isOrigins = (state: OriginState): boolean => shareOf(state) ** state.inRow < chanceInRow

/** Whether an entry that is refused for its own sake has been so often enough. */
export const isHopeless = (state: OriginState, refusals: number): boolean =>
  refusals >= fewest && shareOf(state) ** refusals < chanceOfOne

const shareOf = ({ share }: OriginState): number => Math.max(leastShare, Math.min(mostShare, share))

/** How long the entry waits by itself. */
export const wait = (refusals: number, asked: number | undefined, random: number): number =>
  Math.max(asked ?? 0, Math.min(longestWait, base * 2 ** refusals) * (1 + 0.1 * random))
