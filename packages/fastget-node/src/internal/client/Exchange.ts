/**
 * One GET over undici's `dispatch`, and its answer, read whole: callbacks in,
 * one call of `done` out. Here are the transport's own policies: the limits of
 * time by phase, the limits of size, decompression, the second try where a
 * kept-alive connection was stale. The dispatcher owns the sockets.
 *
 * Plain callbacks, because each request passes here: no AbortController, URL,
 * fiber or promise is made for it.
 *
 * @since 0.1.0
 */
import type { Reason } from "fastget/FetchError"
import * as BodyCoding from "fastget/platform/BodyCoding"
import type { Answered, Failed } from "fastget/platform/QuickGet"
import * as TransportError from "fastget/platform/TransportError"
import type { Dispatcher } from "undici"
import * as AnswerHeads from "../sockets/AnswerHeads.js"
import { currentReset, reused } from "../sockets/Sockets.js"
import { BodyParts } from "./BodyParts.js"
import * as Decompress from "./Decompress.js"
import * as Framing from "./Framing.js"
import { header, headersOf } from "./RawHeaders.js"

/**
 * The limits of one request: times in milliseconds, sizes in bytes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Limits {
  /** From the request, on a connection that is there, to the whole answer. */
  readonly timeout: number
  /** The same, the wait for a connection included; Infinity for none. */
  readonly deadline: number
  /** From the request to the whole headers. */
  readonly headersTimeout: number
  /** Between two parts of the body. */
  readonly bodyTimeout: number
  /** For the body, on the wire and decoded. */
  readonly maxBodyBytes: number
  /** For the headers: the dispatcher keeps it, here it is told. */
  readonly maxHeaderBytes: number
}

/**
 * Where a request goes, and with which headers: names and values in turn.
 *
 * @since 0.1.0
 * @category models
 */
export interface Target {
  readonly origin: string
  readonly path: string
  readonly headers: ReadonlyArray<string>
}

/** How often a request is sent again because the connection it went out on was stale. */
const mostStale = 5

/** The most that is read of a body nobody wants: enough to keep the connection for the next request. */
const unwantedBytes = 65_536

const noBytes = new Uint8Array(0)

/**
 * Sends a request. `done` is called once, and not before the constructor has
 * returned; unless `cancel` is called first, which closes the connection. The
 * body of an answer outside 2xx is read as far as 64 KiB.
 *
 * @since 0.1.0
 * @category constructors
 */
export class Exchange implements Dispatcher.DispatchHandler {
  private abort: ((error?: Error) => void) | undefined
  private timer: ReturnType<typeof setTimeout> | undefined
  private deadlineTimer: ReturnType<typeof setTimeout> | undefined
  private startedAt = 0
  private lastDataAt = 0
  private status = 0
  private begun = false
  private informed = false
  private rawHeaders: ReadonlyArray<Buffer> = []
  private first: Buffer | undefined
  private body: BodyParts | undefined
  private bytes = 0
  private over = false
  private stale = 0

  constructor(
    private readonly dispatcher: Dispatcher,
    private readonly target: Target,
    private readonly limits: Limits,
    private readonly done: (end: Answered | Failed) => void
  ) {
    if (limits.deadline !== Infinity) this.deadlineTimer = setTimeout(() => this.tooLate(), limits.deadline)
    this.send()
  }

  /** Ends the exchange without an answer. */
  cancel(): void {
    if (this.over) return
    this.end()
    this.abort?.()
  }

  private send(): void {
    try {
      this.dispatcher.dispatch({
        origin: this.target.origin,
        path: this.target.path,
        method: "GET",
        headers: this.target.headers as Array<string>,
        // The limits are kept here, with one timer for all of them.
        headersTimeout: 0,
        bodyTimeout: 0
      }, this)
    } catch (error) {
      queueMicrotask(() => this.over || this.fail(this.reasonOf(error)))
    }
  }

  // The handler's older form, of which undici 7 makes the newer: it gives the headers unparsed. With the newer form a
  // controller and an object of all headers are made for each answer.
  onConnect(abort: (error?: Error) => void): void {
    if (this.over) return abort()
    this.abort = abort
    this.startedAt = performance.now()
    this.timer = setTimeout(this.check, Math.min(this.limits.timeout, this.limits.headersTimeout))
  }

  onResponseStarted(): void {
    this.begun = true
  }

  onHeaders(status: number, rawHeaders: Array<Buffer>): boolean {
    if (status < 200) {
      this.informed = true
      return true
    }
    this.status = status
    this.rawHeaders = rawHeaders
    this.lastDataAt = performance.now()
    if (this.isEnd()) return true
    if (this.limits.bodyTimeout < this.limits.timeout) this.arm()
    return true
  }

  /** Whether the headers are all there is to know. Then the exchange has ended. */
  private isEnd(): boolean {
    if (this.status === 304 || this.status === 204) {
      this.rawHeaders = AnswerHeads.restored(this.rawHeaders)
      // A 304 may tell the length of what it spares. Who tells one with a 204 may send the body, too.
      if (this.status === 204 && Framing.announcesBody(this.rawHeaders)) this.answer(true)
    } else {
      const fault = Framing.faultOf(this.rawHeaders, this.limits.maxBodyBytes)
      if (fault === undefined) return false
      if (this.isSuccess()) this.fail(fault)
      // Of what is no success only the beginning is read anyway; of coded bytes, nothing.
      else if (fault._tag === "Protocol") this.answer(true)
    }
    return this.over
  }

  onData(part: Buffer): boolean {
    if (this.over) return true
    this.bytes += part.length
    this.lastDataAt = performance.now()
    if (this.isSuccess() && this.bytes > this.limits.maxBodyBytes) {
      this.fail({ _tag: "TooLarge", limit: this.limits.maxBodyBytes, of: "wire" })
      return true
    }
    if (this.first === undefined) this.first = part
    else this.more(this.first, part)
    if (!this.isSuccess() && this.bytes > unwantedBytes) this.answer(true)
    return true
  }

  private more(first: Buffer, part: Buffer): void {
    if (this.body === undefined) {
      const length = header(this.rawHeaders, "content-length")
      this.body = new BodyParts(first, length === undefined ? undefined : Number(length))
    }
    this.body.add(part)
  }

  onComplete(): void {
    if (this.over) return
    if (currentReset() && !this.isDelimited()) return this.fail(this.reset())
    this.answer(false)
  }

  /**
   * Not before undici has done with its connection: who asks for the next one in this very call may wait for the one
   * that is just failing, in a pool that is forgotten a moment later (a certificate of another host).
   */
  onError(error: Error): void {
    queueMicrotask(() => this.failed(error))
  }

  private failed(error: Error): void {
    if (this.over) return
    if (!this.begun && reused(error) && this.stale++ < mostStale) {
      clearTimeout(this.timer)
      this.abort = undefined
      return this.send()
    }
    this.fail(this.reasonOf(error))
  }

  private isSuccess(): boolean {
    return this.status >= 200 && this.status < 300
  }

  /** Whether the answer says where its body ends. */
  private isDelimited(): boolean {
    return header(this.rawHeaders, "content-length") !== undefined ||
      header(this.rawHeaders, "transfer-encoding")?.toLowerCase().includes("chunked") === true
  }

  private end(): void {
    this.over = true
    clearTimeout(this.timer)
    if (this.deadlineTimer !== undefined) clearTimeout(this.deadlineTimer)
  }

  private fail(reason: Reason): void {
    this.end()
    this.done({ _tag: "Failed", reason, bytes: this.bytes })
    this.abort?.()
  }

  private answer(cut: boolean): void {
    this.end()
    const encoding = this.bytes === 0 || cut ? undefined : header(this.rawHeaders, "content-encoding")
    const body = this.body?.join() ?? this.first ?? noBytes
    const decoded = encoding === undefined ? undefined : Decompress.decode(body, encoding, this.limits.maxBodyBytes)
    if (decoded?._tag === "Left" && this.isSuccess()) {
      this.done({ _tag: "Failed", reason: decoded.left, bytes: this.bytes })
    } else {
      this.done({
        _tag: "Answered",
        status: this.status,
        headers: () => headersOf(this.rawHeaders),
        body: decoded?._tag === "Right" ? decoded.right : body,
        bytes: this.bytes,
        coding: BodyCoding.unknownContentCoding(encoding)
      })
    }
    if (cut) this.abort?.()
  }

  /** Sets the timer for the limit that comes next. */
  private arm(): void {
    clearTimeout(this.timer)
    const now = performance.now()
    const phase = this.status === 0
      ? this.startedAt + this.limits.headersTimeout
      : this.lastDataAt + this.limits.bodyTimeout
    this.timer = setTimeout(this.check, Math.max(1, Math.min(this.startedAt + this.limits.timeout, phase) - now))
  }

  private readonly check = (): void => {
    const now = performance.now()
    const { bodyTimeout, headersTimeout, timeout } = this.limits
    const silence = now - (this.status === 0 ? this.startedAt : this.lastDataAt)
    const phase = this.status > 0 ? "body" : this.informed ? "total" : "headers"
    const phaseLimit = this.status > 0 ? bodyTimeout : headersTimeout
    if (silence >= phaseLimit) return this.fail({ _tag: "Timeout", phase, limit: phaseLimit })
    if (now - this.startedAt < timeout) return this.arm()
    // The total is over: a peer that was silent for half of it is told by its phase.
    this.fail({ _tag: "Timeout", phase: silence >= timeout / 2 ? phase : "total", limit: timeout })
  }

  private tooLate(): void {
    this.fail({ _tag: "Timeout", phase: "total", limit: this.limits.deadline })
  }

  private reset(): Reason {
    return { _tag: "Reset", bytes: this.bytes, reused: false }
  }

  /** What an error of undici means at this point of the exchange. */
  private reasonOf(error: unknown): Reason {
    const reason = TransportError.toReason(error, {
      url: new URL(this.target.origin),
      maxHeaderBytes: this.limits.maxHeaderBytes
    })
    if (reason._tag === "Reset") {
      const message = error instanceof Error ? error.message : ""
      if (message.startsWith("bad ")) return { _tag: "Protocol", detail: message }
      if (this.status === 0) return { ...reason, bytes: 0, reused: !this.begun && reused(error) }
      const byPeer = error instanceof Error && Reflect.get(error, "code") === "ECONNRESET"
      const length = header(this.rawHeaders, "content-length")
      if (length !== undefined && !byPeer) return this.truncated(Number(length))
      if (header(this.rawHeaders, "transfer-encoding") !== undefined) return this.truncated(undefined)
      return this.reset()
    }
    if (reason._tag === "Truncated") {
      // Before the end of the headers it is they that contradict each other.
      if (this.status === 0) return { _tag: "Protocol", detail: "the headers do not say where the body ends" }
      const length = header(this.rawHeaders, "content-length")
      return this.truncated(length === undefined ? undefined : Number(length))
    }
    return reason
  }

  private truncated(expected: number | undefined): Reason {
    return { _tag: "Truncated", received: this.bytes, ...(expected === undefined ? undefined : { expected }) }
  }
}
