/**
 * One origin in one thread: who waits for it, and the connections that the
 * thread has. An idle connection that is owed to other threads is closed, and
 * its lease given back when it is; it says here when, `Traffic` says whether.
 */
import type { ConnectionControl } from "../../platform/ConnectionControl.js"
import type * as Timer from "../base/Timer.js"
import type { OriginTraffic } from "../traffic/TrafficControl.js"
import type { Share } from "../wire/SharedBytes.js"
import type { Start, Waiter } from "./FairQueue.js"
import type { Rank } from "./OriginQueue.js"
import { OriginQueue } from "./OriginQueue.js"

/**
 * For how long, in milliseconds, a connection has to idle until it is given to others that wait, where its thread has no
 * more than its share: the next chunk may be on its way, and to close it and make another takes longer than a request.
 */
const linger = 120

/**
 * Of the connections that idled so long, one in so many is given, and the next ones after as long again. A thread whose
 * consumer is slow idles for longer than that between two chunks: if all went, each chunk would have to get them back.
 */
const givenAtOnce = 8

export interface Options {
  readonly key: string
  readonly traffic: OriginTraffic
  readonly control: ConnectionControl | undefined
  readonly setTimer: Timer.SetTimer
  readonly onRunLeft: (run: number) => void
  /** Serves those who wait, because the time has come. */
  readonly onTime: () => void
  /** A lease was given back. */
  readonly onGiven: () => void
}

export class Origin {
  readonly queue: OriginQueue<Share>
  readonly traffic: OriginTraffic
  /** Whether `reserve` has said to wait, so that who comes now waits as well. */
  isHeldUp = false
  /** When one of those who wait was started last, or the first of them came: by `performance.now()`. */
  movedAt = 0
  private told = 0
  /** How many of those who wait are counted as held up. */
  private heldUp = 0
  private stopTimer: (() => void) | undefined
  private stopLinger: (() => void) | undefined
  /** How many connections have idled all the time since `stopLinger` was set. */
  private idledOn = 0

  constructor(private readonly options: Options) {
    this.traffic = options.traffic
    this.queue = new OriginQueue(options.onRunLeft)
  }

  /** A permit, if there is one: what `reserve` says. */
  reserve(): number {
    const said = this.traffic.reserve()
    const allowed = this.traffic.allowed()
    if (allowed !== this.told) this.tell(allowed)
    if (this.stopLinger !== undefined) this.idledOn = Math.min(this.idledOn, this.traffic.idle())
    return said
  }

  private tell(allowed: number, done?: () => void): void {
    this.told = allowed
    this.options.control?.limit(this.options.key, allowed, done)
  }

  /** Someone waits from now on. */
  add(run: Share, start: Start, rank: Rank): Waiter {
    if (this.queue.isEmpty()) this.movedAt = performance.now()
    return this.queue.add(run, start, rank)
  }

  /** Someone more waits. */
  added(): void {
    if (this.stopTimer !== undefined) this.count(this.queue.size())
  }

  /** Those who wait are held up: for so many milliseconds, or until something happens. */
  holdUp(millis: number): void {
    // As after each request, as long as more wait than there are connections.
    if (millis === Infinity && this.isHeldUp && this.stopTimer === undefined) return
    this.isHeldUp = true
    this.count(millis === Infinity ? 0 : this.queue.size())
    this.stopTimer?.()
    this.stopTimer = millis === Infinity ? undefined : this.options.setTimer(() => {
      this.stopTimer = undefined
      this.options.onTime()
    }, millis)
  }

  private count(heldUp: number): void {
    if (heldUp === this.heldUp) return
    this.heldUp = heldUp
    this.traffic.heldUp(heldUp)
  }

  /** Those who wait are asked for again, or are none any more, but for so many that wait for a turn of their run's rate. */
  letGo(heldBack = 0): void {
    if (this.isHeldUp) {
      this.isHeldUp = false
      this.stopTimer?.()
      this.stopTimer = undefined
    }
    this.count(heldBack)
    if (this.queue.isEmpty()) this.traffic.waitNoMore()
  }

  /** Gives idle connections to others, as far as they are owed; `isWanted`: someone here could use them. */
  settle(isWanted = !this.queue.isEmpty()): void {
    while (this.traffic.idle() > 0) {
      const owes = this.traffic.owes(isWanted)
      if (owes === "no") return
      if (owes === "soon" && this.isConnected()) {
        if (this.stopLinger === undefined) {
          this.idledOn = this.traffic.idle()
          this.stopLinger = this.options.setTimer(() => this.lingered(), linger)
        }
        return
      }
      this.give(false)
    }
  }

  private lingered(): void {
    this.stopLinger = undefined
    let count = Math.ceil(Math.min(this.idledOn, this.traffic.idle()) / givenAtOnce)
    while (count-- > 0 && this.traffic.owes(!this.queue.isEmpty()) !== "no") this.give(false)
    this.settle()
  }

  private isConnected(): boolean {
    const { control, key } = this.options
    return control !== undefined && control.open(key) >= this.traffic.allowed()
  }

  /** Leases whose connections are closed, by whomever, go back. */
  giveUnconnected(): void {
    const { control, key } = this.options
    const open = control?.open(key) ?? 0
    while (this.traffic.idle() > 0 && this.traffic.allowed() > open) this.give(false)
  }

  /** Closes an idle connection and gives its lease back. */
  give(isKept: boolean): void {
    const give = this.traffic.leave()
    const done = () => {
      give(isKept)
      this.options.onGiven()
    }
    if (this.options.control === undefined) done()
    else this.tell(this.traffic.allowed(), done)
  }

  isUnused(): boolean {
    return this.queue.isEmpty() && this.traffic.isUnused()
  }

  close(): void {
    this.letGo()
    this.stopLinger?.()
    this.stopLinger = undefined
    this.traffic.close()
  }
}
