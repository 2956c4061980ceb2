/**
 * The limits of time of one request: for the headers, between two parts of the
 * body, for the whole answer (one timer for these three), and the deadline that
 * counts the wait for a connection, too. What happens to the request goes in;
 * the limit that is over comes out.
 *
 * Made for each request, so it has no closures.
 */
import type { Reason } from "fastget/FetchError"

/** In milliseconds. */
export interface Limits {
  /** From the request, on a connection that is there, to the whole answer. */
  readonly timeout: number
  /** The same, the wait for a connection included; Infinity for none. */
  readonly deadline: number
  /** From the request to the whole headers. */
  readonly headersTimeout: number
  /** Between two parts of the body. */
  readonly bodyTimeout: number
}

/** Told when a limit is over. The timer may tell it again until it is stopped. */
export interface Listener {
  timedOut(reason: Reason): void
}

/** A source of time and timers, so that tests need not wait. */
export interface Clock {
  readonly now: () => number
  /** Calls `f` with `self` after `ms` milliseconds. */
  readonly set: (f: (self: PhaseTimer) => void, ms: number, self: PhaseTimer) => ReturnType<typeof setTimeout>
  readonly clear: (timer: ReturnType<typeof setTimeout> | undefined) => void
}

const platform: Clock = { now: () => performance.now(), set: setTimeout, clear: clearTimeout }

/** The limits of one request. The deadline runs from here on, the others from `start`. */
export class PhaseTimer {
  private phase: "headers" | "interim" | "body" = "headers"
  private startedAt = 0
  /** When the peer was last heard: the start, or the last part of an answer after its headers. */
  private heardAt = 0
  private timer: ReturnType<typeof setTimeout> | undefined
  private deadlineTimer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly limits: Limits,
    private readonly listener: Listener,
    private readonly clock: Clock = platform
  ) {
    if (limits.deadline !== Infinity) this.deadlineTimer = clock.set(deadlineIsOver, limits.deadline, this)
  }

  /** A connection is there, and the request goes out. */
  start(): void {
    this.startedAt = this.heardAt = this.clock.now()
    this.timer = this.clock.set(check, Math.min(this.limits.timeout, this.limits.headersTimeout), this)
  }

  /** The request has to wait for another connection. */
  pause(): void {
    this.clock.clear(this.timer)
  }

  /** An interim answer (1xx) has come: the peer is not silent, but has not begun its answer. */
  interim(): void {
    this.phase = "interim"
  }

  /** The headers have come. */
  head(): void {
    this.phase = "body"
    this.heardAt = this.clock.now()
    if (this.limits.bodyTimeout < this.limits.timeout) this.arm()
  }

  /** A part of the body has come. No timer is set anew for it: the one that is set looks when it is due. */
  data(): void {
    this.heardAt = this.clock.now()
  }

  stop(): void {
    this.clock.clear(this.timer)
    if (this.deadlineTimer !== undefined) this.clock.clear(this.deadlineTimer)
  }

  /** Looks whether a limit is over; waits for the next one if none is. */
  check(): void {
    const now = this.clock.now()
    const { timeout } = this.limits
    const silence = now - this.heardAt
    const phase = this.phase === "interim" ? "total" : this.phase
    const limit = this.phaseLimit()
    if (silence >= limit) return this.listener.timedOut({ _tag: "Timeout", phase, limit })
    if (now - this.startedAt < timeout) return this.arm()
    // The whole time is over: a peer that was silent for half of it is told by its phase.
    this.listener.timedOut({ _tag: "Timeout", phase: silence >= timeout / 2 ? phase : "total", limit: timeout })
  }

  /** The whole time, the wait for a connection included, is over. */
  deadlineIsOver(): void {
    this.listener.timedOut({ _tag: "Timeout", phase: "total", limit: this.limits.deadline })
  }

  /** Sets the timer for the limit that comes next. */
  private arm(): void {
    this.clock.clear(this.timer)
    const next = Math.min(this.startedAt + this.limits.timeout, this.heardAt + this.phaseLimit())
    this.timer = this.clock.set(check, Math.max(1, next - this.clock.now()), this)
  }

  private phaseLimit(): number {
    return this.phase === "body" ? this.limits.bodyTimeout : this.limits.headersTimeout
  }
}

const check = (self: PhaseTimer): void => self.check()
const deadlineIsOver = (self: PhaseTimer): void => self.deadlineIsOver()
