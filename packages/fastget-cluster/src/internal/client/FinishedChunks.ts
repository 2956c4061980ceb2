/**
 * Chunks of a stream whose last answers have arrived. Their owner keeps those
 * answers, in case they got lost, until it is told: with the next message to it,
 * or by one for this alone where none is sent for a while.
 */

/** How long, in milliseconds, to wait for a message that can take them along. */
const tellAfter = 500

export class FinishedChunks {
  private chunks: Array<number> = []
  private timer: ReturnType<typeof setTimeout> | undefined

  /** `tell` sends a message; its failure does no harm, since an owner forgets what nobody asks for. */
  constructor(private readonly tell: (chunks: ReadonlyArray<number>) => void) {}

  add(chunk: number): void {
    this.chunks.push(chunk)
    this.timer ??= setTimeout(() => this.tellNow(), tellAfter).unref()
  }

  /** The chunk is given up before its end: its requests are to stop. */
  drop(chunk: number): void {
    this.chunks.push(chunk)
    this.tellNow()
  }

  /** What the next message takes along. */
  take(): ReadonlyArray<number> {
    clearTimeout(this.timer)
    this.timer = undefined
    return this.chunks.splice(0)
  }

  isEmpty(): boolean {
    return this.chunks.length === 0
  }

  private tellNow(): void {
    this.tell(this.take())
  }
}
