/**
 * The arguments before they are parsed: `--retry-failed` may stand without a
 * value, which the parser does not know.
 */
import * as Reasons from "./Reasons.js"

/** Gives a bare `--retry-failed` the value `all`. */
export const complete = (argv: ReadonlyArray<string>): ReadonlyArray<string> =>
  argv.flatMap((argument, index) =>
    argument === "--retry-failed" && Reasons.parse(argv[index + 1] ?? "") === undefined ? [argument, "all"] : [argument]
  )
