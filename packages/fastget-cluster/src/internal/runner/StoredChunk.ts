/**
 * A stored chunk of a job in the run of its runner. Its answers leave when all
 * are there, or so many bytes of them, or when the run has no room for more:
 * then chunks that are not full have to give theirs, because together they may
 * hold all that the run may have.
 */
import * as Effect from "effect/Effect"
import type { Answered } from "./RunChunk.js"
import { RunChunk } from "./RunChunk.js"

/** So many bytes of answers leave at once. */
const atOnce = 1024 * 1024

export class StoredChunk extends RunChunk {
  private resume: (() => void) | undefined

  protected giveUp(): void {
    this.end()
  }

  /** Whoever asks for it takes it out. */
  isAbandoned(): boolean {
    return false
  }

  /**
   * Waits for the next answers and hands them over; none where there will be no
   * more. They count as the run's until `write` has ended.
   */
  next<A, E>(write: (answers: ReadonlyArray<Answered>) => Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.acquireUseRelease(
      Effect.map(Effect.interruptible(this.ready), () => this.takeAll()),
      ({ answers }) => write(answers),
      ({ bytes }) => Effect.sync(() => this.room.giveBack(bytes))
    )
  }

  private readonly ready: Effect.Effect<void> = Effect.async<void>((resume) => {
    this.resume = () => resume(Effect.void)
    this.look()
    return Effect.sync(() => {
      this.resume = undefined
    })
  })

  look(): void {
    const isCrowded = this.hasAnswers() && !this.room.isRoomy()
    if (!this.isComplete() && this.bytes < atOnce && !isCrowded) return
    const { resume } = this
    this.resume = undefined
    resume?.()
  }
}
