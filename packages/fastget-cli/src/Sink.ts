/**
 * Where text is written to, in order and in whole pieces: a file, or stdout. A
 * write is done when the system has taken it, so that who writes waits for who
 * reads. Its scope owns the descriptor.
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as CliError from "./CliError.js"

export type Failure = CliError.OutputFailed | CliError.ReaderGone

export interface Sink {
  readonly write: (bytes: Buffer) => Effect.Effect<void, Failure>
  /** What is written is on the disk when it is done. */
  readonly sync: Effect.Effect<void, Failure>
}

/** Writes to a descriptor, at `position` or (`null`) where it stands; a part that was written is followed by the rest. */
const writeAll = (
  descriptor: number,
  name: string,
  bytes: Buffer,
  position: number | null
): Effect.Effect<void, CliError.OutputFailed> =>
  Effect.async<number, CliError.OutputFailed>((resume) => {
    Fs.write(descriptor, bytes, 0, bytes.length, position, (error, written) => {
      if (error === null) resume(Effect.succeed(written))
      // Whoever shares the descriptor may have made it one that does not wait.
      else if (error.code === "EAGAIN") setTimeout(() => resume(Effect.succeed(0)), 10)
      else resume(Effect.fail(CliError.unwritable(name)(error)))
    })
  }).pipe(
    Effect.flatMap((written) =>
      written === bytes.length
        ? Effect.void
        : writeAll(descriptor, name, bytes.subarray(written), position === null ? null : position + written)
    )
  )

/**
 * A file that is written from `length` on; without one, what can only be
 * appended to, such as a device. Where a write fails, as on a full disk, what it
 * has left of its piece is cut off again.
 */
export const file = (descriptor: number, name: string, length: number | undefined): Sink => {
  let end = length ?? 0
  return {
    write: (bytes) =>
      // Not to be given up half way.
      writeAll(descriptor, name, bytes, length === undefined ? null : end).pipe(
        Effect.tapError(() => Effect.sync(() => cut(descriptor, end))),
        Effect.tap(() => {
          end += bytes.length
        }),
        Effect.uninterruptible
      ),
    sync: Effect.async<void, CliError.OutputFailed>((resume) => {
      Fs.fdatasync(descriptor, (error) =>
        // What is no file of a disk, such as /dev/null, can't be synced.
        resume(
          error === null || error.code === "EINVAL" || error.code === "ENOTSUP"
            ? Effect.void
            : Effect.fail(CliError.unwritable(name)(error))
        ))
    })
  }
}

const cut = (descriptor: number, length: number): void => {
  try {
    Fs.ftruncateSync(descriptor, length)
  } catch {
    // Then the next --resume cuts it.
  }
}

/**
 * stdout. A pipe is written as a socket: a thread that waits for the reader of
 * a pipe could not be stopped.
 */
export const stdout: Effect.Effect<Sink, CliError.OutputFailed> = Effect.suspend(() => {
  const stat = Fs.fstatSync(1)
  if (isClosed(stat)) {
    return new CliError.OutputFailed({ message: "stdout is closed: name a file with --output" })
  }
  return Effect.succeed(
    stat.isFIFO() || stat.isSocket() ? pipe() : {
      write: (bytes) => writeAll(1, "stdout", bytes, null),
      sync: Effect.void
    }
  )
})

/**
 * Node opens /dev/null, to read and write, in place of a stdout that is closed;
 * `> /dev/null` is to write only. Where there is no /proc it can't be told.
 */
const isClosed = (stat: Fs.Stats): boolean => {
  try {
    const nothing = Fs.statSync("/dev/null")
    return stat.isCharacterDevice() && stat.rdev === nothing.rdev &&
      /^flags:\s*\d*2$/m.test(Fs.readFileSync("/proc/self/fdinfo/1", "utf8"))
  } catch {
    return false
  }
}

const pipe = (): Sink => {
  const socket = new Net.Socket({ fd: 1, readable: false, writable: true })
  // Each write hears of it, too.
  socket.on("error", () => {})
  return {
    write: (bytes) =>
      Effect.async((resume) => {
        socket.write(bytes, (error) => {
          if (error === null || error === undefined) resume(Effect.void)
          else if (isGone(error)) resume(new CliError.ReaderGone())
          else resume(CliError.unwritable("stdout")(error))
        })
      }),
    sync: Effect.void
  }
}

const gone = new Set<unknown>(["EPIPE", "ERR_STREAM_DESTROYED"])

const isGone = (error: Error): boolean => "code" in error && gone.has(error.code)
