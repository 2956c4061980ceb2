/** Why a benchmark can't go on, in a sentence for the one who runs it. */
import * as Data from "effect/Data"

export class BenchError extends Data.TaggedError("BenchError")<{ readonly message: string }> {}
