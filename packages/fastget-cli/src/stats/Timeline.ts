/**
 * What happened when, in a memory of fixed size: one point for a span of time;
 * when there are too many, two and two become one of twice the span.
 */

/**
 * What happened in one span of time.
 */
interface Point {
  readonly succeeded: number
  readonly failed: number
  readonly bytes: number
  /** Requests that a server refused for their rate; they are asked for again. */
  readonly refused: number
}

/**
 * Points of `seconds` each, from the start on. The last one may not be over yet.
 */
export interface Throughput {
  readonly seconds: number
  readonly points: ReadonlyArray<Point>
}

export interface Timeline {
  /** `at` is in milliseconds from the start and does not go back. */
  readonly record: (at: number, succeeded: boolean, bytes: number) => void
  /** So many requests were refused since this was told last. */
  readonly refused: (at: number, requests: number) => void
  /** All points until `at`, also where nothing happened. */
  readonly throughput: (at: number) => Throughput
}

const size = 240
const shortest = 250

export const make = (): Timeline => {
  const succeeded = new Float64Array(size)
  const failed = new Float64Array(size)
  const bytes = new Float64Array(size)
  const refused = new Float64Array(size)
  let span = shortest

  const indexOf = (at: number): number => {
    while (at >= span * size) {
      for (const values of [succeeded, failed, bytes, refused]) halve(values)
      span *= 2
    }
    return Math.max(0, Math.floor(at / span))
  }

  return {
    record: (at, isSuccess, received) => {
      const index = indexOf(at)
      if (isSuccess) succeeded[index]!++
      else failed[index]!++
      bytes[index]! += received
    },
    refused: (at, requests) => {
      refused[indexOf(at)]! += requests
    },
    throughput: (at) => ({
      seconds: span / 1000,
      points: Array.from({ length: indexOf(at) + 1 }, (_, index) => ({
        succeeded: succeeded[index]!,
        failed: failed[index]!,
        bytes: bytes[index]!,
        refused: refused[index]!
      }))
    })
  }
}

const halve = (values: Float64Array): void => {
  for (let index = 0; index < size / 2; index++) values[index] = values[2 * index]! + values[2 * index + 1]!
  values.fill(0, size / 2)
}
