/**
 * The time of Effect's Clock in milliseconds. It never goes back: unlike the
 * Clock's own milliseconds, which follow the date that an administrator or NTP
 * may set. For fibers, which wait by the same Clock; what is no fiber reads
 * `performance.now()`.
 */
import type * as Clock from "effect/Clock"

export const now = (clock: Clock.Clock): number => Number(clock.unsafeCurrentTimeNanos()) / 1_000_000
