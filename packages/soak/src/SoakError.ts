/** Why a soak can't be run, in a sentence for the one who runs it. */
import * as Data from "effect/Data"

export class SoakError extends Data.TaggedError("SoakError")<{ readonly message: string }> {}
