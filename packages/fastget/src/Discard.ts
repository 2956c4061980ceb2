/**
 * Gives memory back at once. A buffer that nobody needs any more would wait for
 * a garbage collection, and V8 makes one only after 32 MB or more of them, in
 * each thread. Buffers come in and are detached; nothing goes out. See
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
 * Frees buffers, each named once. Who calls it is the last to have them: views
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
