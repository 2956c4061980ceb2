/**
 * Answers that wait for the consumer, oldest first, each with its entry. Two
 * arrays side by side, so that no pair is made for each. What waits is bounded
 * by `queueMaxSize`, which counts it too.
 */
import type { Entry } from "../../Entry.js"
import type { Answer } from "../../Outcome.js"

export class WaitingAnswers<Id> {
  private readonly entries: Array<Entry<Id>> = []
  private readonly answers: Array<Answer | undefined> = []
  /** What is before it has left; it is cut off when it is half of the arrays. */
  private head = 0

  size(): number {
    return this.answers.length - this.head
  }

  add(entry: Entry<Id>, answer: Answer): void {
    this.entries.push(entry)
    this.answers.push(answer)
  }

  /** The entry that is `index` after the oldest. */
  entryAt(index: number): Entry<Id> {
    return this.entries[this.head + index]!
  }

  answerAt(index: number): Answer {
    return this.answers[this.head + index]!
  }

  /** How many of the oldest make a batch: as many as both limits allow, and one at least. */
  sizeOfBatch(most: number, mostBytes: number): number {
    let bytes = 0
    let count = 0
    while (count < most && count < this.size() && bytes < mostBytes) bytes += this.answerAt(count++).bytes
    return count
  }

  /** The `count` oldest leave; what they held is returned, in units of the run's count of bytes. */
  drop(count: number): number {
    let held = 0
    for (let index = 0; index < count; index++) held += this.answerAt(index).held
    // Their bodies are not to wait for the cut.
    this.answers.fill(undefined, this.head, this.head + count)
    this.head += count
    if (this.head * 2 >= this.answers.length) {
      this.entries.splice(0, this.head)
      this.answers.splice(0, this.head)
      this.head = 0
    }
    return held
  }
}
