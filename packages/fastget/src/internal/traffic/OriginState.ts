/**
 * What the policies know of one origin: numbers only, so that it can lie in
 * memory that all threads share. Times are milliseconds of the pool's one clock.
 * Whoever calls a policy has locked the origin.
 */

export interface OriginState {
  /** Rises when the gate closes. Answers to requests of an earlier epoch change nothing twice. */
  epoch: number
  /** When the gate opens; 0 where it is not closed. */
  closedUntil: number
  /** When an answer of any status came last; 0: never. */
  answeredAt: number
}

/** The fields in their order in shared memory. */
export const names: ReadonlyArray<keyof OriginState> = ["epoch", "closedUntil", "answeredAt"]

/** An origin nothing is known of: all fields are 0, as memory is that nobody has written to. */
export const initial = (): OriginState => ({ epoch: 0, closedUntil: 0, answeredAt: 0 })
