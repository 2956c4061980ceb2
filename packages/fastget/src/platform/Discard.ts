/**
 * Gives memory back. A buffer that nobody needs any more would wait for a
 * garbage collection, and V8 makes one only after 32 MB or more of them, in each
 * thread; of values it lets some 75 MB gather. See
 * docs/decisions/0015-buffered-bytes.md.
 *
 * @since 0.1.0
 */

let closed: MessagePort | undefined

/** What is transferred to a closed port is detached and arrives nowhere. */
const closedPort = (): MessagePort => {
  const { port1, port2 } = new MessageChannel()
  port1.close()
  port2.close()
  return port1
}

/**
 * Frees buffers at once, each named once. Who calls it is the last to have them: views
 * of them are empty from now on.
 *
 * @since 0.1.0
 * @category discarding
 */
export const buffers = (unneeded: Array<ArrayBuffer>): void => {
  if (typeof MessageChannel === "undefined") return
  closed ??= closedPort()
  closed.postMessage(undefined, unneeded)
}

/** More than V8 lets external memory grow (64 MiB) before it begins a collection. */
const claim = 96 * 1024 * 1024

/**
 * Has the engine collect garbage soon, mostly beside this thread: it learns of
 * memory that it then does not need. Nothing is ever written there, so that it
 * is an address and no memory.
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
