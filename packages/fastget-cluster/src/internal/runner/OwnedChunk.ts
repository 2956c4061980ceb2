/**
 * A chunk at its owner: collects the answers until its client asks for them, and
 * keeps the last reply until the client has it, since a connection may break
 * between the two. Answers come in, replies go out.
 */
import * as RemoteChunk from "fastget/platform/RemoteChunk"
import type { Answers, ReplyBatch } from "../protocol/OriginEntity.js"
import type { Answered } from "./RunChunk.js"
import { RunChunk } from "./RunChunk.js"

/** An answer that waits so long, in milliseconds, leaves with those that are there. */
const replyWithin = 50

/** So many bytes of answers leave at once. */
const replyBytes = 1024 * 1024

/** A client that waits so long, in milliseconds, and nothing is answered, is told so: then it knows that its runner lives. */
const replyAtLeastEvery = 5000

type Resume = (reply: Answers) => void

export class OwnedChunk extends RunChunk {
  /** The last reply, until its client has it. */
  private last: Answers | undefined
  private resume: Resume | undefined
  private replyTimer: ReturnType<typeof setTimeout> | undefined
  private aliveTimer: ReturnType<typeof setTimeout> | undefined
  /** When a client asked last, in milliseconds of `performance.now`. */
  private askedAt = performance.now()

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

  protected giveUp(): void {
    this.refuse()
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

  /** Whoever waits has what there is within a moment, so that a run without room gets some. */
  look(): void {
    if (this.resume === undefined) return
    if (this.isComplete() || this.bytes >= replyBytes) this.reply()
    else if (this.hasAnswers()) this.replyTimer ??= setTimeout(() => this.reply(), replyWithin)
  }

  private reply(): void {
    const { resume } = this
    this.forgetQuestion()
    if (resume === undefined) return
    const number = (this.last?.number ?? 0) + 1
    const { answers, bytes } = this.takeAll()
    this.last = { _tag: "Answers", number, isLast: this.isComplete(), batch: packed(answers) }
    resume(this.last)
    this.room.giveBack(bytes)
  }
}

const packed = (answers: ReadonlyArray<Answered>): ReplyBatch => {
  const { buffer, count, extras, large } = RemoteChunk.pack(answers, 0)
  return { count, extras, buffer: new Uint8Array(buffer), large: large.map((one) => new Uint8Array(one)) }
}
