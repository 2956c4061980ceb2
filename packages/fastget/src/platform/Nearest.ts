/**
 * The name that was perhaps meant by one that does not exist.
 *
 * @since 0.1.0
 */

/** How many letters have to be added, taken away, changed or swapped with their neighbour. */
const distance = (a: string, b: string): number => {
  let before: Array<number> = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, before[j - 2]! + 1)
      }
    }
    before = last
    last = row
  }
  return last[b.length]!
}

/** A third of the letters may be wrong. */
const mostWrong = (name: string): number => Math.max(1, Math.floor(name.length / 3))

const simple = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "")

/**
 * The nearest of some names, if one is near enough. Case and dashes don't count.
 *
 * @since 0.1.0
 * @category conversions
 */
export const nearest = (name: string, names: ReadonlyArray<string>): string | undefined => {
  // What is far longer than every option is none of them.
  const wanted = simple(name.slice(0, 64))
  let best: string | undefined
  let least = mostWrong(wanted) + 1
  for (const other of names) {
    const wrong = distance(wanted, simple(other))
    if (wrong < least) [best, least] = [other, wrong]
  }
  return best
}

/** The end of a sentence about a name that does not exist. */
export const perhaps = (name: string, names: ReadonlyArray<string>): string => {
  const meant = nearest(name, names)
  return meant === undefined ? "" : `; perhaps ${meant} was meant`
}
