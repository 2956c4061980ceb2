/**
 * A queue that gives slices. What it holds is bounded by who adds to it.
 *
 * @since 0.1.0
 */

/**
 * @since 0.1.0
 * @category models
 */
export interface SliceQueue<A> {
  readonly size: () => number
  readonly add: (items: ReadonlyArray<A>) => void
  /** The oldest items, up to `n`; they leave the queue. */
  readonly take: (n: number) => ReadonlyArray<A>
}

/**
 * @since 0.1.0
 * @category constructors
 */
export const make = <A>(): SliceQueue<A> => {
  // Items before `head` are gone; they are cut off when they are half of the array.
  let items: Array<A> = []
  let head = 0
  return {
    size: () => items.length - head,
    add: (more) => {
      for (const item of more) items.push(item)
    },
    take: (n) => {
      const slice = items.slice(head, head + n)
      head += slice.length
      if (head * 2 >= items.length) {
        items = items.slice(head)
        head = 0
      }
      return slice
    }
  }
}
