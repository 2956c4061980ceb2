/**
 * One run at a time on an output. `FILE.lock` beside it names the process that
 * writes, and is removed at the end of the run. The lock of a run that was killed
 * is removed by the next run, which sees that its process is gone.
 *
 * Processes on another machine or in another container can't be seen. A process
 * touches its lock every two seconds, so the next run waits whether that happens.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as CliError from "../CliError.js"
import * as LockHolder from "./LockHolder.js"
import * as Target from "./Target.js"

export const nameOf = (output: string): string => {
  const name = `${Path.basename(output)}.lock`
  // A name of 255 bytes is as long as most file systems take.
  return Path.join(Path.dirname(output), Buffer.byteLength(name) <= 255 ? name : ownName(digest(name)))
}

/** The name of a file that exists for a moment beside the lock. */
const ownName = (id: string): string => `.fastget-${id}.lock`

const digest = (text: string): string => Crypto.createHash("sha256").update(text).digest("hex").slice(0, 32)

/** How often, in milliseconds, a lock is touched, and how long the next run waits for a touch. */
const touchEvery = 2000
const patience = 5 * touchEvery

/** Locks outputs until the scope closes; those that are no plain files need no lock. */
export const acquire = (
  outputs: ReadonlyArray<Target.Target | undefined>,
  say: (line: string) => void
): Effect.Effect<void, CliError.OutputFailed, Scope.Scope> => {
  const files = outputs.filter((target): target is Target.PlainFile => target?._tag === "PlainFile")
  return Effect.forEach(files, ({ path }) => acquireOutput(path, say), { discard: true })
}

const acquireOutput = (output: string, say: (line: string) => void) =>
  Effect.gen(function*() {
    for (const lock of locksOf(output)) {
      const holder = LockHolder.self()
      yield* Effect.acquireReleaseInterruptible(
        Effect.catchTag(take({ lock, output, holder, say }), "InUse", ({ by }) => inUse(output, by)),
        () => Effect.sync(() => letGo(lock, holder))
      )
      yield* keep(lock, holder)
    }
  })

const inUse = (output: string, by: LockHolder.LockHolder | undefined): CliError.OutputFailed => {
  const text = by === undefined ? "" : ` (process ${by.pid} on ${by.host}, since ${by.since})`
  return new CliError.OutputFailed({ message: `${output} is being written by another run${text}` })
}

/**
 * A file with several names (hard links) could be locked once under each: it also
 * gets a lock by its inode, among the temporary files. So does a file in a folder
 * that can't be written to, which has this lock only.
 */
const locksOf = (output: string): ReadonlyArray<string> => {
  const beside = nameOf(output)
  const stat = orUndefined(() => Fs.statSync(output, { bigint: true }))
  if (stat === undefined || !stat.isFile() || stat.ino === 0n) return [beside]
  const common = Path.join(Os.tmpdir(), `fastget-${stat.dev}-${stat.ino}.lock`)
  const canWrite = orUndefined(() => {
    Fs.accessSync(Path.dirname(output), Fs.constants.W_OK)
    return true
  })
  return canWrite !== true ? [common] : stat.nlink > 1n ? [beside, common] : [beside]
}

const orUndefined = <A>(attempt: () => A): A | undefined => {
  try {
    return attempt()
  } catch {
    return undefined
  }
}

interface InUse {
  readonly _tag: "InUse"
  readonly by: LockHolder.LockHolder | undefined
}

interface Wanted {
  readonly lock: string
  readonly output: string
  readonly holder: LockHolder.LockHolder
  readonly say: (line: string) => void
}

const take = (wanted: Wanted): Effect.Effect<void, CliError.OutputFailed | InUse> =>
  Effect.gen(function*() {
    const { holder, lock, output } = wanted
    while (!(yield* trying(output, () => create(lock, holder)))) {
      const found = yield* trying(output, () => look(lock))
      // It was removed meanwhile.
      if (found === undefined) continue
      if (found === "foreign") {
        return yield* new CliError.OutputFailed({
          message: `${lock} is no lock of fastget's: move it away, or name another --output`
        })
      }
      if (yield* isAlive(wanted, found)) return yield* Effect.fail<InUse>({ _tag: "InUse", by: found.by })
      yield* remove(wanted, found)
    }
  })

const trying = <A>(output: string, attempt: () => A): Effect.Effect<A, CliError.OutputFailed> =>
  Effect.try({ try: attempt, catch: CliError.unwritable(output) })

/** Makes the lock with its content in one step; false where there is a lock. */
const create = (lock: string, holder: LockHolder.LockHolder): boolean => {
  const text = LockHolder.toText(holder)
  const draft = Path.join(Path.dirname(lock), ownName(holder.id))
  Fs.writeFileSync(draft, text)
  try {
    Fs.linkSync(draft, lock)
    return true
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false
    // Not every file system has links. There the lock is empty until it is written.
    return createEmpty(lock, text)
  } finally {
    Fs.rmSync(draft, { force: true })
  }
}

const createEmpty = (lock: string, text: string): boolean => {
  try {
    Fs.writeFileSync(lock, text, { flag: "wx" })
    return true
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false
    throw error
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && "code" in error && error.code === code

interface Found {
  /** Undefined where it is still empty. */
  readonly by: LockHolder.LockHolder | undefined
  readonly touched: number
  /** What tells this lock from all others. */
  readonly id: string
}

const look = (lock: string): Found | "foreign" | undefined => {
  const stat = Fs.lstatSync(lock, { throwIfNoEntry: false })
  if (stat === undefined) return undefined
  if (!stat.isFile()) return "foreign"
  let descriptor: number
  try {
    descriptor = Fs.openSync(lock, "r")
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined
    throw error
  }
  try {
    const text = Fs.readFileSync(descriptor, "utf8")
    const { ino, mtimeMs } = Fs.fstatSync(descriptor)
    const by = LockHolder.parse(text)
    return by === undefined && text !== "" ? "foreign" : { by, touched: mtimeMs, id: by?.id ?? `${ino}-${mtimeMs}` }
  } finally {
    Fs.closeSync(descriptor)
  }
}

/** Whether a lock is that of a run which still runs. */
const isAlive = ({ lock, output, say }: Wanted, { by, id, touched }: Found) =>
  Effect.gen(function*() {
    const where = by === undefined ? "elsewhere" : LockHolder.whereabouts(by)
    if (where !== "elsewhere") return where === "here"
    if (by !== undefined) {
      say(`${output} was being written by process ${by.pid} on ${by.host}: looking whether it still is`)
    }
    for (let waited = 0; waited < patience; waited += lookEvery) {
      yield* Effect.sleep(lookEvery)
      const found = yield* trying(output, () => look(lock))
      if (found === undefined || found === "foreign" || found.id !== id) return false
      if (found.touched !== touched) return true
    }
    return false
  })

/** How often, in milliseconds, a lock is looked at. */
const lookEvery = 250

/**
 * Removes what a dead process has left. Two runs may see it at once, and one of
 * them may have its own lock there by the time the other removes the old one; so
 * a lock is removed only by the run that holds a second lock, on the removal.
 */
const remove = (wanted: Wanted, { id }: Found): Effect.Effect<void, CliError.OutputFailed> => {
  const { holder, lock, output } = wanted
  const claim = Path.join(Path.dirname(lock), ownName(digest(`${lock} ${id}`)))
  return take({ ...wanted, lock: claim }).pipe(
    Effect.zipRight(trying(output, () => {
      const found = look(lock)
      if (found !== undefined && found !== "foreign" && found.id === id) Fs.rmSync(lock, { force: true })
    })),
    // The other run is removing it; then it is looked at again.
    Effect.catchTag("InUse", () => Effect.sleep(lookEvery)),
    Effect.ensuring(Effect.sync(() => letGo(claim, holder)))
  )
}

const letGo = (lock: string, { id }: LockHolder.LockHolder): void => {
  held.delete(lock)
  orUndefined(() => {
    const found = look(lock)
    if (found !== undefined && found !== "foreign" && found.id === id) Fs.rmSync(lock, { force: true })
  })
}

/** The locks of this process. */
const held = new Map<string, LockHolder.LockHolder>()
let isWatching = false

/** Touches the lock while its scope is open, and removes it also where the process ends without closing its scopes. */
const keep = (lock: string, holder: LockHolder.LockHolder): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function*() {
    if (!isWatching) process.on("exit", () => held.forEach((holder, lock) => letGo(lock, holder)))
    isWatching = true
    held.set(lock, holder)
    const touch = Effect.sync(() => orUndefined(() => Fs.utimesSync(lock, new Date(), new Date())))
    yield* Effect.forkScoped(Effect.forever(Effect.delay(touch, touchEvery)))
  })
