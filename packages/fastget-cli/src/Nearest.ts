/**
 * What a word was perhaps meant to be.
 */

/** By how many letters a word may be beside: one of three, three at most. */
const mostBeside = (word: string): number => Math.min(3, Math.floor(word.length / 3))

/** The most similar of some words, whatever the case of its letters; undefined where none is similar. */
export const of = (word: string, words: ReadonlyArray<string>): string | undefined => {
  let nearest: string | undefined
  let least = mostBeside(word) + 1
  for (const candidate of words) {
    const beside = distance(word.toLowerCase(), candidate.toLowerCase(), least)
    if (beside < least) {
      nearest = candidate
      least = beside
    }
  }
  return nearest
}

/** How many letters have to be put in, left out or changed; of no interest from `most` on. */
const distance = (from: string, to: string, most: number): number => {
  if (Math.abs(from.length - to.length) >= most) return most
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < to.length; j++) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (from[i] === to[j] ? 0 : 1)))
    }
    row = next
  }
  return row[to.length]!
}
