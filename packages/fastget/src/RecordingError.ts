/**
 * Why a recording can't be used. One tagged error; `reason` says which way.
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import * as Predicate from "effect/Predicate"

/**
 * - `Missing`: there is no such file, and none is to be recorded.
 * - `Damaged`: a line of the file is none of a recording; `line` counts from 1.
 * - `Version`: the file was written by another version of the format.
 * - `Read`, `Write`: the file system refused; `detail` is what it said.
 *
 * @since 0.1.0
 * @category models
 */
export type Reason =
  | { readonly _tag: "Missing"; readonly inCi: boolean }
  | { readonly _tag: "Damaged"; readonly line: number; readonly detail: string }
  | { readonly _tag: "Version"; readonly expected: number; readonly actual: string }
  | { readonly _tag: "Read" | "Write"; readonly detail: string }

/**
 * A recording can't be read or written.
 *
 * @since 0.1.0
 * @category models
 */
export class RecordingError extends Data.TaggedError("RecordingError")<{
  readonly file: string
  readonly reason: Reason
}> {
  override get message(): string {
    const { file, reason } = this
    switch (reason._tag) {
      case "Missing":
        return `There is no recording ${file}` +
          (reason.inCi
            ? ", and in CI none is made: run the test where the server can be reached, and keep the file with it"
            : ": give the mode \"auto\" or \"record\" to make it")
      case "Damaged":
        return `Line ${reason.line} of the recording ${file} can't be read: ${reason.detail}`
      case "Version":
        return `The recording ${file} has version ${reason.actual} of the format, this library ${reason.expected}: ` +
          "record it again"
      case "Read":
        return `The recording ${file} can't be read: ${reason.detail}`
      case "Write":
        return `The recording ${file} can't be written: ${reason.detail}`
    }
  }
}

/**
 * @since 0.1.0
 * @category guards
 */
export const isRecordingError = (u: unknown): u is RecordingError => Predicate.isTagged(u, "RecordingError")
