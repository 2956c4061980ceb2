/**
 * How often which value occurred, in a memory of fixed size: the buckets grow
 * with the values, by the 32nd root of two, so that a quantile is at most 1.1 %
 * beside the true one between 0.001 and 68,000,000 (milliseconds: a
 * microsecond and nineteen hours). What is beyond counts at the edge; the
 * largest value is kept as it was.
 */

/**
 * The values between `from` and `to`, and how many there were.
 */
export interface Bucket {
  readonly from: number
  readonly to: number
  readonly count: number
}

export interface Histogram {
  readonly record: (value: number) => void
  readonly count: () => number
  readonly mean: () => number
  readonly max: () => number
  /** The values below which the shares of `quantiles`, from 0 to 1 and ascending, lie; 0 where there is none yet. */
  readonly quantiles: (quantiles: ReadonlyArray<number>) => ReadonlyArray<number>
  /** From the first value to the last, `perOctave` buckets for each doubling: a divisor of 32. */
  readonly buckets: (perOctave: number) => ReadonlyArray<Bucket>
}

const smallest = 0.001
const perDoubling = 32
const doublings = 36
const size = perDoubling * doublings

const isFilled = ({ count }: Bucket): boolean => count > 0

/** Where the bucket begins. */
const edge = (index: number, perOctave: number): number => smallest * 2 ** (index / perOctave)

export const make = (): Histogram => {
  // Counts beyond 2³² don't fit into integers of 32 bits.
  const counts = new Float64Array(size)
  let count = 0
  let sum = 0
  let max = 0
  return {
    record: (value) => {
      const index = value <= smallest ? 0 : Math.min(size - 1, Math.floor(Math.log2(value / smallest) * perDoubling))
      counts[index]!++
      count++
      sum += value
      if (value > max) max = value
    },
    count: () => count,
    mean: () => count === 0 ? 0 : sum / count,
    max: () => max,
    quantiles: (quantiles) => {
      let index = -1
      let seen = 0
      return quantiles.map((quantile) => {
        if (count === 0) return 0
        const wanted = Math.max(1, Math.ceil(quantile * count))
        while (seen < wanted) seen += counts[++index]!
        // The middle of the bucket, on the scale it has.
        return Math.min(max, edge(index + 0.5, perDoubling))
      })
    },
    buckets: (perOctave) => {
      const each = perDoubling / perOctave
      const merged = Array.from({ length: doublings * perOctave }, (_, index): Bucket => ({
        from: edge(index, perOctave),
        to: edge(index + 1, perOctave),
        count: counts.subarray(index * each, (index + 1) * each).reduce((all, each) => all + each, 0)
      }))
      const first = merged.findIndex(isFilled)
      return first < 0 ? [] : merged.slice(first, merged.findLastIndex(isFilled) + 1)
    }
  }
}
