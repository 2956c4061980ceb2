/**
 * The arguments before they are parsed: some options may stand without a value,
 * which the parser does not know.
 */
import * as Flag from "./Flag.js"
import * as LibraryFlags from "./LibraryFlags.js"
import * as Reasons from "./Reasons.js"

interface Bare {
  /** What it stands for without a value. */
  readonly means: string
  /** Whether what follows is its value, and not an input. */
  readonly isValue: (text: string) => boolean
}

/** `true`, `false`, addresses and ranges with commas between them. */
const isSwitchOrAddresses = (text: string): boolean => /^(?:true|false|[\da-f]*[.:][\da-f.:/,]*)$/i.test(text)

const bares: ReadonlyMap<string, Bare> = new Map<string, Bare>([
  ["--retry-failed", { means: "all", isValue: (text) => Reasons.parse(text) !== undefined }],
  ...Object.entries(LibraryFlags.all).flatMap(([name, { bare }]): Array<[string, Bare]> =>
    bare === undefined ? [] : [[`--${Flag.optionName(name)}`, { means: bare, isValue: isSwitchOrAddresses }]]
  )
])

/** Gives options that stand without a value the one they stand for. */
export const complete = (argv: ReadonlyArray<string>): ReadonlyArray<string> =>
  argv.flatMap((argument, index) => {
    const bare = bares.get(argument)
    return bare === undefined || bare.isValue(argv[index + 1] ?? "") ? [argument] : [argument, bare.means]
  })
