/**
 * One GET over undici, and its answer, read whole: undici's callbacks in, one
 * call of `done` out. The policies are composed here: `PhaseTimer` for the
 * limits of time, `BodyLimit` for those of size, `ExchangeEnd` for what the end
 * means; and a request whose kept-alive connection was closed by the server is
 * sent again. The dispatcher owns the sockets.
 *
 * Plain callbacks, because each request passes here: no AbortController, URL,
 * fiber or promise is made for it.
 */
import type { Reason } from "fastget/FetchError"
import type { Answered, Failed } from "fastget/platform/QuickGet"
import type { Dispatcher } from "undici"
import * as Head from "../sockets/Head.js"
import { currentReset, reused } from "../sockets/Sockets.js"
import * as BodyLimit from "./BodyLimit.js"
import { BodyParts } from "./BodyParts.js"
import * as Dispatch from "./Dispatch.js"
import * as ExchangeEnd from "./ExchangeEnd.js"
import * as PhaseTimer from "./PhaseTimer.js"
import { header } from "./RawHeaders.js"

/** The limits of one request: times in milliseconds, sizes in bytes. */
export interface Limits extends PhaseTimer.Limits {
  /** For the body, on the wire and decoded. */
  readonly maxBodyBytes: number
  /** For the headers: the dispatcher keeps it, here it is told. */
  readonly maxHeaderBytes: number
}

/** How often a request is sent again because the connection it went out on was stale. */
const mostStale = 5

const noBytes = new Uint8Array(0)

/**
 * Sends a request. `done` is called once, and not before the constructor has
 * returned; unless `cancel` is called first, which closes the connection. The
 * body of an answer outside 2xx is read as far as 64 KiB.
 */
export class Exchange implements Dispatch.Handler, ExchangeEnd.Progress, PhaseTimer.Listener {
  hasBegun = false
  status = 0
  rawHeaders: ReadonlyArray<Buffer> = []
  bytes = 0
  private controller: Dispatch.Controller | undefined
  private readonly timer: PhaseTimer.PhaseTimer
  private first: Buffer | undefined
  private body: BodyParts | undefined
  private isOver = false
  private stale = 0

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly request: Dispatch.Request,
    private readonly limits: Limits,
    private readonly done: (end: Answered | Failed) => void
  ) {
    this.timer = new PhaseTimer.PhaseTimer(limits, this)
    this.send()
  }

  /** Ends the exchange without an answer. */
  cancel(): void {
    if (this.isOver) return
    this.end()
    this.controller?.abort()
  }

  private send(): void {
    try {
      Dispatch.send(this.dispatcher, this.request, this)
    } catch (error) {
      queueMicrotask(() => this.isOver || this.fail(this.reasonOf(error)))
    }
  }

  onRequestStart(controller: Dispatch.Controller): void {
    if (this.isOver) return controller.abort()
    this.controller = controller
    this.timer.start()
  }

  onResponseStarted(): void {
    this.hasBegun = true
  }

  onResponseStart(controller: Dispatch.Controller, status: number): void {
    if (status < 200) return this.timer.interim()
    this.status = status
    // Of HTTP/1.1 they are Buffers, and nothing else is spoken.
    const rawHeaders = controller.rawHeaders as ReadonlyArray<Buffer>
    this.rawHeaders = status === 204 || status === 304 ? Head.restored(rawHeaders) : rawHeaders
    const stop = BodyLimit.stopAtHead(status, this.rawHeaders, this.limits.maxBodyBytes)
    if (stop === undefined) this.timer.head()
    else this.stop(stop)
  }

  onResponseData(_: Dispatch.Controller, part: Buffer): void {
    if (this.isOver) return
    this.bytes += part.length
    this.timer.data()
    const stop = BodyLimit.stopAfter(this.status, this.bytes, this.limits.maxBodyBytes)
    if (stop !== undefined && stop !== "enough") return this.fail(stop)
    if (this.first === undefined) this.first = part
    else this.more(this.first, part)
    if (stop === "enough") this.answer(true)
  }

  private more(first: Buffer, part: Buffer): void {
    if (this.body === undefined) {
      const length = header(this.rawHeaders, "content-length")
      this.body = new BodyParts(first, length === undefined ? undefined : Number(length))
    }
    this.body.add(part)
  }

  onResponseEnd(): void {
    if (this.isOver) return
    if (currentReset() && !ExchangeEnd.isDelimited(this)) return this.fail(ExchangeEnd.reset(this))
    this.answer(false)
  }

  /**
   * Undici has not done with the connection yet when it calls this, so the error is handled a microtask later: a
   * request made in this very call may be put into a pool that undici forgets a moment later (where the certificate
   * was another host's), and wait there for a connection forever.
   */
  onResponseError(_: Dispatch.Controller | null, error: Error): void {
    queueMicrotask(() => this.failed(error))
  }

  private failed(error: Error): void {
    if (this.isOver) return
    if (!this.hasBegun && reused(error) && this.stale++ < mostStale) {
      this.timer.pause()
      this.controller = undefined
      return this.send()
    }
    this.fail(this.reasonOf(error))
  }

  timedOut(reason: Reason): void {
    this.fail(reason)
  }

  private reasonOf(error: unknown): Reason {
    return ExchangeEnd.reasonOf(error, this, this.request.origin, this.limits.maxHeaderBytes)
  }

  private stop(stop: BodyLimit.Stop): void {
    if (stop === "enough") this.answer(true)
    else this.fail(stop)
  }

  private end(): void {
    this.isOver = true
    this.timer.stop()
  }

  private fail(reason: Reason): void {
    this.end()
    this.done({ _tag: "Failed", reason, bytes: this.bytes })
    this.controller?.abort()
  }

  private answer(isCut: boolean): void {
    this.end()
    const body = this.body?.join() ?? this.first ?? noBytes
    this.done(ExchangeEnd.answered(this, body, isCut, this.limits.maxBodyBytes))
    if (isCut) this.controller?.abort()
  }
}
