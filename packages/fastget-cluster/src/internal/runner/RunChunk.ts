/** A chunk of a run at a runner: some entries whose answers somebody takes. */
import type { Answer } from "fastget/Outcome"

export interface RunChunk {
  readonly urls: ReadonlyArray<string>
  /** Takes an answer; returns what it counts for in bytes, until that is given back. */
  readonly add: (index: number, answer: Answer) => number
  /** The entries without an answer. */
  readonly open: () => ReadonlyArray<number>
  readonly isAnswered: () => boolean
  /** What has no answer now will have none. */
  readonly end: () => void
  /** Gives up what waits. */
  readonly drop: () => void
  /** Whether nobody has asked for it for so many milliseconds, so that nobody will. */
  readonly isAbandoned: (millis: number) => boolean
}

/** What is about an answer besides its body, in bytes. */
const aroundBody = 64

/** What an answer counts for, in bytes. */
export const bytesOf = ({ result }: Answer): number => (result._tag === "Body" ? result.body.length : 0) + aroundBody
