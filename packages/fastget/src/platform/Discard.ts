/**
 * Gives memory back. A buffer that nobody needs any more would wait for a
 * garbage collection, and V8 makes one only after 32 MB or more of them, in each
 * thread; of values it lets some 75 MB gather. See
 * docs/decisions/0015-buffered-bytes.md.
 *
 * @since 0.1.0
 */

let closed: MessagePort | undefined

/** A buffer that is transferred to a closed port is detached, and its memory is freed since nobody receives it. */
const closedPort = (): MessagePort => {
  const { port1, port2 } = new MessageChannel()
  port1.close()
  port2.close()
  return port1
}

/**
 * Frees buffers at once; each may be in the list once. Nothing may use them
 * afterwards: they are detached, and views of them are empty.
 *
 * @since 0.1.0
 * @category discarding
 */
export const buffers = (unneeded: Array<ArrayBuffer>): void => {
  if (typeof MessageChannel === "undefined") return
  closed ??= closedPort()
  closed.postMessage(undefined, unneeded)
}

/** In bytes. V8 begins a collection when external memory has grown by 64 MiB; this is more. */
const claim = 96 * 1024 * 1024

/**
 * Makes the engine collect garbage soon, mostly beside this thread: a large
 * buffer is allocated, which V8 counts, and freed at once. Nothing is written to
 * it, so that the system never gives it any memory.
 *
 * @since 0.1.0
 * @category discarding
 */
export const values = (): void => {
  try {
    buffers([new ArrayBuffer(claim)])
  } catch {
    // Where there is no room for that much the engine collects by itself.
  }
}
