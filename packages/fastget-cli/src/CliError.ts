/**
 * How a run can end before its time: one error for each exit code that is not
 * about entries.
 */
import * as Data from "effect/Data"

/** The command line asks for something that can't be done. Exit code 2. */
export class Usage extends Data.TaggedError("Usage")<{ readonly message: string }> {}

/** The input can't be read. Exit code 3. */
export class InputFailed extends Data.TaggedError("InputFailed")<{ readonly message: string }> {}

/** The output can't be written. Exit code 3. */
export class OutputFailed extends Data.TaggedError("OutputFailed")<{ readonly message: string }> {}

/** A cluster can't be joined. Exit code 3. */
export class ClusterFailed extends Data.TaggedError("ClusterFailed")<{ readonly message: string }> {}

/** The program that reads stdout wants no more, as `head` does. Exit code 0. */
export class ReaderGone extends Data.TaggedError("ReaderGone") {}

/** What the system says of a failed call: `ENOSPC: no space left on device`. */
export const systemMessage = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/, [a-z]+(?: '.*)?$/s, "") : String(error)

/** An input by its name, and why it could not be read. */
export const unreadable = (name: string) => (error: unknown): InputFailed =>
  new InputFailed({ message: `${name} can't be read: ${systemMessage(error)}` })

/** An output by its name, and why it could not be written. */
export const unwritable = (name: string) => (error: unknown): OutputFailed =>
  new OutputFailed({ message: `${name} can't be written: ${systemMessage(error)}` })
