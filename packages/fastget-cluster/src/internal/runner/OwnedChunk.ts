/**
 * A chunk at its owner: collects the answers until its client asks for them, and
 * keeps the last reply until the client has it, since a connection may break
 * between the two. Answers come in, replies go out.
 */
import type { Answer } from "fastget/Outcome"
import * as RemoteChunk from "fastget/platform/RemoteChunk"
import type { Answers, ReplyBatch } from "../protocol/OriginEntity.js"
import type { RunChunk } from "./RunChunk.js"
import { bytesOf } from "./RunChunk.js"

/** An answer that waits so long, in milliseconds, leaves with those that are there. */
const replyWithin = 50

/** So many bytes of answers leave at once. */
const replyBytes = 1024 * 1024

/** A client that waits so long, in milliseconds, and nothing is answered, is told so: then it knows that its runner lives. */
const replyAtLeastEvery = 5000

type Resume = (reply: Answers) => void

export class OwnedChunk implements RunChunk {
  private answers: Array<readonly [index: number, answer: Answer]> = []
  private bytes = 0
  /** A 1 for each entry that has its answer. */
  private readonly done: Uint8Array
  private unanswered: number
  private isEnded = false
  private last: Answers | undefined
  private resume: Resume | undefined
  private replyTimer: ReturnType<typeof setTimeout> | undefined
  private aliveTimer: ReturnType<typeof setTimeout> | undefined
  /** When a client asked last, in milliseconds of `performance.now`. */
  private askedAt = performance.now()

  /** `onTaken` is called with what answers counted for, in bytes, when the client has taken them or nobody will. */
  constructor(readonly urls: ReadonlyArray<string>, private readonly onTaken: (bytes: number) => void) {
    this.done = new Uint8Array(urls.length)
    this.unanswered = urls.length
  }

  /** Takes an answer; returns what it counts for in bytes, until `onTaken` gives that back. */
  add(index: number, answer: Answer): number {
    const bytes = bytesOf(answer)
    this.done[index] = 1
    this.answers.push([index, answer])
    this.bytes += bytes
    this.unanswered--
    this.look()
    return bytes
  }

  /** The entries without an answer. */
  open(): ReadonlyArray<number> {
    return this.urls.flatMap((_, index) => this.done[index] === 0 ? [index] : [])
  }

  isAnswered(): boolean {
    return this.unanswered === 0
  }

  /** What has no answer now will have none. */
  end(): void {
    this.isEnded = true
    this.look()
  }

  /** Whether its client has not asked for it for so many milliseconds, and so is gone. */
  isAbandoned(millis: number): boolean {
    return this.resume === undefined && performance.now() - this.askedAt > millis
  }

  /**
   * A client has replies up to this number, and waits for the next, for which
   * `resume` is called once. Who asked before is told that there is nothing new, so
   * that no question stays open. The returned function takes the question back.
   */
  ask(taken: number, resume: Resume): () => void {
    this.askedAt = performance.now()
    this.refuse()
    if (this.last !== undefined && taken < this.last.number) {
      resume(this.last)
      return () => {}
    }
    this.resume = resume
    this.aliveTimer = setTimeout(() => this.reply(), replyAtLeastEvery)
    this.look()
    return () => {
      if (this.resume === resume) this.forgetQuestion()
    }
  }

  /** Gives up what waits. */
  drop(): void {
    this.refuse()
    this.onTaken(this.bytes)
    this.answers = []
    this.bytes = 0
  }

  private refuse(): void {
    const { resume } = this
    this.forgetQuestion()
    resume?.({ _tag: "Answers", number: this.last?.number ?? 0, isLast: false, batch: packed([]) })
  }

  private forgetQuestion(): void {
    clearTimeout(this.replyTimer)
    clearTimeout(this.aliveTimer)
    this.replyTimer = this.aliveTimer = this.resume = undefined
  }

  private look(): void {
    if (this.resume === undefined) return
    if (this.unanswered === 0 || this.isEnded || this.bytes >= replyBytes) this.reply()
    else if (this.answers.length > 0) this.replyTimer ??= setTimeout(() => this.reply(), replyWithin)
  }

  private reply(): void {
    const { bytes, resume } = this
    this.forgetQuestion()
    if (resume === undefined) return
    const number = (this.last?.number ?? 0) + 1
    const isLast = this.unanswered === 0 || this.isEnded
    this.last = { _tag: "Answers", number, isLast, batch: packed(this.answers) }
    this.answers = []
    this.bytes = 0
    resume(this.last)
    this.onTaken(bytes)
  }
}

const packed = (answers: ReadonlyArray<readonly [index: number, answer: Answer]>): ReplyBatch => {
  const { buffer, count, extras, large } = RemoteChunk.pack(answers, 0)
  return { count, extras, buffer: new Uint8Array(buffer), large: large.map((one) => new Uint8Array(one)) }
}
