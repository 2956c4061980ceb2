/**
 * The bound of a run, `queueMaxSize`: an entry counts from the moment it is taken
 * from the input until the consumer asks for the batch after the one that it was
 * in, wherever it is meanwhile. Counts, and nothing that waits.
 */
export class QueueBound {
  private taken = 0
  private answered = 0
  /** Answers in the batch that the consumer has now. */
  private handed = 0
  private leftBehind = 0

  constructor(private readonly most: number) {}

  /** How many more entries may be taken. */
  room(): number {
    return this.most - (this.taken - this.leftBehind)
  }

  take(entries: number): void {
    this.taken += entries
  }

  answer(entries: number): void {
    this.answered += entries
  }

  /** How many entries have their answer. */
  answeredSoFar(): number {
    return this.answered
  }

  isAllAnswered(): boolean {
    return this.answered === this.taken
  }

  hand(answers: number): void {
    this.handed = answers
  }

  /** The consumer asks for more: it has done with the batch before. */
  leaveBehind(): void {
    this.leftBehind += this.handed
    this.handed = 0
  }
}
