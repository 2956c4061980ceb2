/**
 * Hands out permits for requests, each with a connection. It composes
 * `TrafficControl`, which says whether a request of an origin may begin, over
 * all threads; `OriginQueue`, whose turn it is at an origin; `PausedRuns`, which
 * runs have to wait until their consumer has taken some bytes; and `RunRates`,
 * which for a turn of a rate of their own. Held by a worker; an origin nobody
 * uses is forgotten.
 */
import type { ConnectionControl } from "../../platform/ConnectionControl.js"
import * as Timer from "../base/Timer.js"
import type { Verdict } from "../traffic/Policy.js"
import type { End, TrafficControl } from "../traffic/TrafficControl.js"
import * as Traffic from "../traffic/TrafficControl.js"
import type { Share } from "../wire/SharedBytes.js"
import type { Start, Waiter } from "./FairQueue.js"
import { Origin } from "./Origin.js"
import type { Rank } from "./OriginQueue.js"
import { PausedRuns } from "./PausedRuns.js"
import { RunRates } from "./RunRates.js"

/** Someone's turn to come. */
export interface Ticket {
  /** Gives the wait up. */
  readonly cancel: () => void
}

export interface Options {
  readonly traffic: TrafficControl
  /** The connections of the client, where it can be told about them. */
  readonly control?: ConnectionControl | undefined
  readonly setTimer?: Timer.SetTimer
}

/** An origin that has started nothing for so many milliseconds, while somebody waits there, is still. */
const stillAfter = 50

/** What `acquire` calls back with where the origin is down, and there is no permit. */
export const down = Traffic.down

export class OriginGate {
  private readonly origins = new Map<string, Origin>()
  private readonly paused = new PausedRuns({
    serve: (key) => this.serve(key),
    hasWaiters: (key, runId) => this.origins.get(key)?.queue.has(runId) === true
  })
  /** Origins that wait because there are as many connections to all of them as there may be: these are served in turn. */
  private readonly heldByTotal = new Set<string>()
  /** Origins that may have an idle connection, oldest first. */
  private readonly idle = new Set<string>()

  private readonly rates: RunRates

  constructor(private readonly options: Options) {
    const { setTimer = Timer.referenced, traffic } = options
    this.rates = new RunRates({ traffic, setTimer, serve: (key) => this.serve(key) })
    options.traffic.all.onRung(() => this.attendAll())
    options.control?.onClosed((key) => this.connectionClosed(key))
  }

  /**
   * Calls `start` as soon as the origin has a permit and the run's bytes are not
   * spent: with the epoch of the permit, or `down`. Where that is at once, no
   * ticket is returned. Who was started calls `release` when done. `rank` says
   * where to wait: an entry that the origin has sent back is not first.
   */
  acquire(key: string, run: Share, start: Start, rank: Rank = "fresh"): Ticket | undefined {
    const origin = this.originOf(key)
    if (!origin.isHeldUp && !run.isSpent() && !origin.queue.has(run.runId)) {
      const said = origin.reserve()
      if (said === Traffic.granted && !this.rates.holdsBack(run, key)) {
        start(origin.traffic.epoch())
        return undefined
      }
      if (said === Traffic.down) {
        this.forgetUnused(key, origin)
        start(down)
        return undefined
      }
      const waiter = origin.add(run, start, rank)
      if (said === Traffic.granted) {
        this.unused(key, origin)
        origin.letGo(this.rates.waiting(origin.queue, key))
      } else this.hold(key, origin, said)
      return this.ticket(key, origin, run, waiter, rank)
    }
    const waiter = origin.add(run, start, rank)
    if (run.isSpent()) this.paused.pause(run, key)
    else if (!origin.isHeldUp) this.serve(key)
    else origin.added()
    return this.ticket(key, origin, run, waiter, rank)
  }

  /** Tells how a request ended, before its permit is released. What becomes of its entry if it was refused. */
  feedback(key: string, end: End): Verdict {
    return this.origins.get(key)?.traffic.feedback(end) ?? "fail"
  }

  /** Gives a permit back, and on to who waits for it. */
  release(key: string): void {
    const origin = this.origins.get(key)
    if (origin === undefined) return
    const isWanted = !origin.queue.isEmpty()
    origin.traffic.release(isWanted)
    if (isWanted && !origin.traffic.isQuiet()) origin.settle()
    if (this.heldByTotal.size > 0) this.giveToHeld(key, origin)
    if (isWanted) this.serve(key)
    else {
      this.idle.add(key)
      this.forgetUnused(key, origin)
    }
  }

  /** Whether somebody waits at an origin, and none of those who do was started for a while. */
  isStill(key: string): boolean {
    const origin = this.origins.get(key)
    return origin !== undefined && !origin.queue.isEmpty() && performance.now() - origin.movedAt >= stillAfter
  }

  /** Why nothing answers at an origin that is down. */
  whyDown(key: string): ReturnType<Origin["traffic"]["whyDown"]> {
    const origin = this.originOf(key)
    const why = origin.traffic.whyDown()
    this.forgetUnused(key, origin)
    return why
  }

  /** Ends the timers and the listening; for a gate whose worker ends before its thread. */
  close(): void {
    for (const origin of this.origins.values()) origin.close()
    this.origins.clear()
    this.rates.close()
    this.options.traffic.close()
  }

  private originOf(key: string): Origin {
    let origin = this.origins.get(key)
    if (origin === undefined) {
      const { control, setTimer = Timer.referenced, traffic } = this.options
      const made = origin = new Origin({
        key,
        traffic: traffic.enter(key, () => this.attend(key)),
        control,
        setTimer,
        onRunLeft: (run) => {
          this.paused.forget(run, key)
          this.rates.forget(run, key)
        },
        onTime: () => this.serve(key),
        onGiven: () => {
          this.serveHeld()
          // It may have gone to another thread that waits for this origin.
          if (this.heldByTotal.size > 0 && !traffic.all.isWaiting()) traffic.all.wait()
          // Who came while it was on its way waits here, and nobody else may have wanted it.
          if (made.queue.isEmpty()) this.forgetUnused(key, made)
          else this.serve(key)
        }
      })
      this.origins.set(key, origin)
    }
    return origin
  }

  private forgetUnused(key: string, origin: Origin): void {
    if (!origin.queue.isEmpty() || this.origins.get(key) !== origin) return
    origin.letGo()
    if (this.heldByTotal.delete(key) && this.heldByTotal.size === 0) this.options.traffic.all.waitNoMore()
    origin.giveUnconnected()
    if (!origin.traffic.isQuiet()) origin.settle()
    if (!origin.isUnused() || this.origins.get(key) !== origin) return
    this.origins.delete(key)
    this.idle.delete(key)
    origin.close()
  }

  private ticket(key: string, origin: Origin, run: Share, waiter: Waiter, rank: Rank): Ticket | undefined {
    return waiter.start === undefined ? undefined : {
      cancel: () => {
        if (origin.queue.giveUp(run.runId, waiter, rank)) this.forgetUnused(key, origin)
      }
    }
  }

  /** What `reserve` said to those who wait. */
  private hold(key: string, origin: Origin, said: number): void {
    origin.holdUp(said === Traffic.fullInAll ? Infinity : said)
    if (said !== Traffic.fullInAll) return
    this.heldByTotal.add(key)
    if (!this.closeIdle(key)) this.options.traffic.all.wait()
  }

  /** Gives free permits to those who wait. */
  private serve(key: string): void {
    const origin = this.origins.get(key)
    if (origin === undefined) return
    let said = 0
    const isHeldBack = (run: Share): boolean => {
      // Where the origin is down nothing is sent, and no turn is needed.
      if (!run.isSpent()) return said !== Traffic.down && this.rates.holdsBack(run, key)
      this.paused.pause(run, key)
      return true
    }
    while (!origin.queue.isEmpty()) {
      said = origin.reserve()
      if (said !== Traffic.granted && said !== Traffic.down) {
        this.hold(key, origin, said)
        break
      }
      const start = origin.queue.next(isHeldBack)
      if (start === undefined) {
        if (said === Traffic.granted) this.unused(key, origin)
        origin.letGo(this.rates.waiting(origin.queue, key))
        // Nobody here can use it for now.
        if (!origin.traffic.isQuiet()) origin.settle(false)
        break
      }
      origin.movedAt = performance.now()
      start(said === Traffic.down ? down : origin.traffic.epoch())
    }
    this.forgetUnused(key, origin)
  }

  /** A permit was reserved, and nobody may use it now. */
  private unused(key: string, origin: Origin): void {
    origin.traffic.refund()
    origin.traffic.release(false)
    this.idle.add(key)
  }

  /** Another thread rings: a connection was granted, or is wanted, or what the policies say has changed. */
  private attend(key: string): void {
    const origin = this.origins.get(key)
    if (origin === undefined) return
    this.serve(key)
    origin.settle()
  }

  /** The same for connections to all origins. */
  private attendAll(): void {
    const { all } = this.options.traffic
    const hadSpare = all.hasSpare()
    this.serveHeld()
    for (const key of this.idle) {
      if (!all.isOwed(this.heldByTotal.size > 0)) break
      const origin = this.origins.get(key)
      if (origin === undefined || origin.traffic.idle() === 0) this.idle.delete(key)
      else origin.settle()
    }
    if (hadSpare && this.heldByTotal.size > 0) all.wait()
  }

  /** Serves origins that wait for the bound on all, in turn, as long as there is something for them. */
  private serveHeld(): void {
    const { all } = this.options.traffic
    const turns = [...this.heldByTotal]
    for (const key of turns) {
      if (!all.hasSpare()) break
      this.heldByTotal.delete(key)
      this.serve(key)
    }
    all.giveSpare()
    if (this.heldByTotal.size === 0) all.waitNoMore()
  }

  /** This origin had its turn: others that wait for the bound on all come first. */
  private giveToHeld(key: string, origin: Origin): void {
    const others = this.heldByTotal.size - (this.heldByTotal.has(key) ? 1 : 0)
    if (others === 0 || origin.traffic.idle() === 0) return
    if (!origin.queue.isEmpty()) {
      // Behind the others.
      this.heldByTotal.delete(key)
      this.heldByTotal.add(key)
    }
    origin.give(true)
  }

  /** Closes the connection of another origin that idles in this thread, for one that is wanted; whether there is one. */
  private closeIdle(wantedBy: string): boolean {
    for (const key of this.idle) {
      const origin = this.origins.get(key)
      if (key === wantedBy) continue
      if (origin === undefined || origin.traffic.idle() === 0) {
        this.idle.delete(key)
        continue
      }
      origin.give(true)
      return true
    }
    return false
  }

  private connectionClosed(key: string): void {
    const origin = this.origins.get(key)
    if (origin === undefined || !origin.queue.isEmpty()) return
    origin.giveUnconnected()
    this.forgetUnused(key, origin)
  }
}
