/**
 * Whether a request may begin now, and what is learned from its end: the
 * questions that `OriginGate` asks. They are answered by the table that the
 * threads of a pool share (`SharedTraffic`), or by the same within one thread;
 * what many machines share can answer them as well.
 */
import type { LimitHeaders, Rules, Verdict } from "./Policy.js"

/** What `reserve` may say: the request has a connection and a turn. */
export const granted = 0
/** The origin is down: the entry ends. */
export const down = -1
/** No connection is free: ask again when one is released, or when rung. */
export const full = Infinity
/** There are as many connections to all origins as there may be. */
export const fullInAll = -2

/** How a request ended of which `reserve` said that it may begin. */
export interface End {
  /** `epoch` when it began. */
  readonly epoch: number
  /** When it began, and how long it took to its first byte or in all, in milliseconds. */
  readonly startedAt: number
  readonly latency: number
  /** Of the answer; 0 where there was none, undefined where it tells nothing of the origin. */
  readonly status: number | undefined
  /** How often the entry was sent back before. */
  readonly refusals: number
  /** What an answer of 429 or 503 asks for, in milliseconds. */
  readonly retryAfter: () => number | undefined
  /** What the answer tells of the server's limit. */
  readonly limits: () => LimitHeaders | undefined
  /** Why there was no answer, as text for other threads. */
  readonly reason: () => string
}

/** An origin as one thread sees it. */
export interface OriginTraffic {
  readonly rules: Rules
  /**
   * May a request begin? One of the values above, or in how many milliseconds to
   * ask again. Where it may, it holds a connection and a turn.
   */
  readonly reserve: () => number
  /** What was reserved is not used: its turn is given back. Its connection is released like any other. */
  readonly refund: () => void
  /** The epoch of the request that was granted last. */
  readonly epoch: () => number
  /** A request has ended. What becomes of its entry if it was refused. */
  readonly feedback: (end: End) => Verdict
  /** The connection of a request is idle from now on; `isWanted`: someone waits for it here. */
  readonly release: (isWanted: boolean) => void
  /** Whether nobody else waits for connections, so that idle ones may stay. */
  readonly isQuiet: () => boolean
  /** Whether an idle connection is to go to others: at once, or soon if it is still idle then. */
  readonly owes: (isWanted: boolean) => "now" | "soon" | "no"
  /** How many connections no request uses. */
  readonly idle: () => number
  /** How many may be open. */
  readonly allowed: () => number
  /**
   * One that is idle may not be used any more. When it is closed the returned
   * function gives it back; with `isKept` it stays with the thread, for another
   * of its origins.
   */
  readonly leave: () => (isKept: boolean) => void
  /** So many entries are held up by what `reserve` said. */
  readonly heldUp: (entries: number) => void
  /** Nobody waits here any more. */
  readonly waitNoMore: () => void
  /** Whether the thread has no connections here. */
  readonly isUnused: () => boolean
  /** The thread is done with the origin. */
  readonly close: () => void
  /** What is known of an origin that is down. */
  readonly whyDown: () => Down
}

export interface Down {
  /** Of the last request that ended without an answer, or refused, as `End.reason` told it. */
  readonly reason: string
  /** Since when, in milliseconds of the clock. */
  readonly since: number
  /** How many entries were ended for it. */
  readonly skipped: number
  /** It answers, but refused all requests for longer than anyone is to wait. */
  readonly gaveUp: boolean
}

/** Permits for connections to any origin, as one thread sees them. */
interface AllTraffic {
  /** Waits for one more; asks those who have some. */
  readonly wait: () => void
  readonly waitNoMore: () => void
  /** Whether one is to go to others that wait; `isWanted`: someone waits for it here. */
  readonly isOwed: (isWanted: boolean) => boolean
  /** Whether some were granted that nothing uses yet. */
  readonly hasSpare: () => boolean
  readonly giveSpare: () => void
  /** Calls back when one was granted, or others want some. */
  readonly onRung: (listener: () => void) => void
}

export interface TrafficControl {
  /** Enters an origin. `onRung` is called when its entries are to be looked after. */
  readonly enter: (origin: string, onRung: () => void) => OriginTraffic
  readonly all: AllTraffic
  readonly close: () => void
}
