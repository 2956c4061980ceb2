/**
 * A reset that looks like an end. Where the last bytes of a connection and its
 * reset are read at once, as on a busy machine, Node 20 and 22 tell that the peer
 * ended it in good order; 24 and 26 tell the reset. An answer that is delimited by
 * that end would be taken for whole, though the rest of it is lost. The operating system no longer knows the peer of a connection that was
 * reset, and does of one that was ended.
 */
import type { Socket } from "node:net"

/**
 * Whether the connection of a socket that has come to its end was reset. To be
 * asked before anything else asks for the address of the peer, which Node then
 * remembers. Where the system does not forget the peer this is false.
 */
export const isReset = (socket: Pick<Socket, "connecting" | "destroyed" | "remoteAddress">): boolean =>
  !socket.connecting && !socket.destroyed && socket.remoteAddress === undefined

/** The error with which Node tells of a reset. */
export const error = (): Error => Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" })
