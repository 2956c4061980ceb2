/**
 * A stored chunk of a job in the run of its runner. Its answers are taken when
 * all are there, or so many bytes of them.
 */
import * as Effect from "effect/Effect"
import type { Answer } from "fastget/Outcome"
import type { RunChunk } from "./RunChunk.js"
import { bytesOf } from "./RunChunk.js"

/** So many bytes of answers are taken at once. */
const takenBytes = 1024 * 1024

/** An answer with the index of its entry. */
export type Answered = readonly [index: number, answer: Answer]

export class StoredChunk implements RunChunk {
  private answers: Array<Answered> = []
  private bytes = 0
  /** A 1 for each entry that has its answer. */
  private readonly done: Uint8Array
  private unanswered: number
  private isEnded = false
  private resume: (() => void) | undefined

  /** `onTaken` is called with what answers counted for, in bytes, when they are taken or nobody will. */
  constructor(readonly urls: ReadonlyArray<string>, private readonly onTaken: (bytes: number) => void) {
    this.done = new Uint8Array(urls.length)
    this.unanswered = urls.length
  }

  add(index: number, answer: Answer): number {
    const bytes = bytesOf(answer)
    this.done[index] = 1
    this.answers.push([index, answer])
    this.bytes += bytes
    this.unanswered--
    this.look()
    return bytes
  }

  open(): ReadonlyArray<number> {
    return this.urls.flatMap((_, index) => this.done[index] === 0 ? [index] : [])
  }

  isAnswered(): boolean {
    return this.unanswered === 0
  }

  end(): void {
    this.isEnded = true
    this.look()
  }

  drop(): void {
    this.takeAll()
    this.end()
  }

  /** Whoever asks for it takes it out. */
  isAbandoned(): boolean {
    return false
  }

  /** The next answers; none where there will be no more. */
  readonly take: Effect.Effect<ReadonlyArray<Answered>> = Effect.async<void>((resume) => {
    this.resume = () => resume(Effect.void)
    this.look()
    return Effect.sync(() => {
      this.resume = undefined
    })
  }).pipe(Effect.map(() => this.takeAll()))

  private look(): void {
    if (this.unanswered > 0 && !this.isEnded && this.bytes < takenBytes) return
    const { resume } = this
    this.resume = undefined
    resume?.()
  }

  private takeAll(): ReadonlyArray<Answered> {
    const { answers, bytes } = this
    this.answers = []
    this.bytes = 0
    this.onTaken(bytes)
    return answers
  }
}
