/**
 * A chunk of a run at a runner: some entries, and their answers until somebody
 * takes them. Answers come in from the run; how they leave, the kinds of chunks
 * differ in. What waits counts for its bytes until that is given back.
 */
import type { Answer } from "fastget/Outcome"

/** An answer with the index of its entry in the chunk. */
export type Answered = readonly [index: number, answer: Answer]

/** What a chunk knows of its run. */
export interface Room {
  /** Gives back what answers counted for, in bytes. */
  readonly giveBack: (bytes: number) => void
  /** Whether the run takes further answers: those that wait in its chunks have few enough bytes. */
  readonly isRoomy: () => boolean
}

export abstract class RunChunk {
  /** Answers that nobody has taken yet, and what they count for. */
  private waiting: Array<Answered> = []
  protected bytes = 0
  /** A 1 for each entry that has its answer. */
  private readonly done: Uint8Array
  private unanswered: number
  private isEnded = false
  private isDropped = false

  constructor(readonly urls: ReadonlyArray<string>, protected readonly room: Room) {
    this.done = new Uint8Array(urls.length)
    this.unanswered = urls.length
  }

  /** Lets answers leave, where it is time for it. Called when something has changed. */
  abstract look(): void

  /** Tells whoever waits that there is nothing more. */
  protected abstract giveUp(): void

  /** Whether nobody has asked for it for so many milliseconds, so that nobody will. */
  abstract isAbandoned(millis: number): boolean

  /** Takes an answer; returns what it counts for in bytes, until that is given back. */
  add(index: number, answer: Answer): number {
    // Its run may have some more for it before it has stopped, which nobody would give back.
    if (this.isDropped) return 0
    const bytes = bytesOf(answer)
    this.done[index] = 1
    this.waiting.push([index, answer])
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

  /** Gives up what waits, and takes nothing more. */
  drop(): void {
    this.isDropped = true
    this.giveUp()
    this.room.giveBack(this.takeAll().bytes)
  }

  /** What has no answer now will have none. */
  end(): void {
    this.isEnded = true
    this.look()
  }

  /** Whether no further answer will come. */
  protected isComplete(): boolean {
    return this.unanswered === 0 || this.isEnded
  }

  protected hasAnswers(): boolean {
    return this.waiting.length > 0
  }

  /** The answers that wait. Whoever takes them gives back what they count for. */
  protected takeAll(): { readonly answers: ReadonlyArray<Answered>; readonly bytes: number } {
    const taken = { answers: this.waiting, bytes: this.bytes }
    this.waiting = []
    this.bytes = 0
    return taken
  }
}

/** What is about an answer besides its body, in bytes. */
const aroundBody = 64

/** What an answer counts for, in bytes. */
export const bytesOf = ({ result }: Answer): number => (result._tag === "Body" ? result.body.length : 0) + aroundBody
