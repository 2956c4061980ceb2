/**
 * The exit codes, once: what they mean and which one a run ends with.
 */

export const codes = [
  [
    0,
    "Every entry succeeded, or no more failed than `--fail-over` allows. Also when the reader of the output has gone."
  ],
  [1, "Some entries failed, or some rows of the input were bad."],
  [2, "The command line or an option is wrong; nothing was fetched."],
  [
    3,
    "The input can't be read, the output can't be written, no worker could be started, or a cluster can't be joined or has no runner."
  ],
  [70, "A bug of fastget; please tell us what it printed."],
  [
    130,
    "Stopped by Ctrl-C (143 by SIGTERM, 129 by SIGHUP, when the terminal is closed). A runner that has left its cluster ends with 0."
  ]
] as const

/** How many failures are still a success: a share of all entries, or a number of them. */
export type Tolerance = { readonly share: number } | { readonly count: number }

export const none: Tolerance = { count: 0 }

/** `5%` or `20`; undefined for anything else. */
export const parseTolerance = (text: string): Tolerance | undefined => {
  const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? []
  if (number === undefined) return undefined
  if (percent === "%") return Number(number) <= 100 ? { share: Number(number) / 100 } : undefined
  return Number.isInteger(Number(number)) ? { count: Number(number) } : undefined
}

/** The code of a run that went to its end. */
export const ofRun = (all: number, failed: number, tolerance: Tolerance): 0 | 1 => {
  const allowed = "share" in tolerance ? tolerance.share * all : tolerance.count
  return failed <= allowed ? 0 : 1
}
