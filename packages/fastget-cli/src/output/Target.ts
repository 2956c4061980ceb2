/**
 * Where an output is to go, told from its name before anything is opened: a
 * plain file, which can be cut, synced, renamed and read again, or a stream,
 * which can only be written to in order: a descriptor that the shell has given,
 * a pipe, a terminal, a device.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Tty from "node:tty"

export interface PlainFile {
  readonly _tag: "PlainFile"
  /** As it was given. */
  readonly name: string
  /** Absolute, and where links lead: a file that is written anew must not replace a link. */
  readonly path: string
}

export interface Stream {
  readonly _tag: "Stream"
  readonly name: string
  /** A descriptor that this process was started with; undefined for what is opened by its name. */
  readonly descriptor: number | undefined
}

export type Target = PlainFile | Stream

/** The name that means stdin as an input, and stdout as an output. */
const standard = "-"

const named: Readonly<Record<string, number>> = { "/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2 }

/** The most links that are followed, as by Linux. */
const mostLinks = 40

/**
 * The descriptor that a name such as `/dev/stdout` or `/dev/fd/63` stands for,
 * also behind links. It is used as it is: where it is opened anew by its name,
 * a file would be written from its start and not where the shell has it.
 */
export const descriptorOf = (name: string): number | undefined => {
  if (process.platform === "win32") return undefined
  let path = Path.resolve(name)
  for (let link = 0; link < mostLinks; link++) {
    const [, number] = /^\/(?:dev|proc\/self|proc\/\d+)\/fd\/(\d+)$/.exec(path) ?? []
    const isOurs = !/^\/proc\/\d/.test(path) || path.startsWith(`/proc/${process.pid}/`)
    const descriptor = named[path] ?? (number === undefined || !isOurs ? undefined : Number(number))
    if (descriptor !== undefined) return descriptor
    const next = linkOf(path)
    if (next === undefined) return undefined
    path = next
  }
  return undefined
}

/** Where a link leads; undefined for what is none. */
const linkOf = (path: string): string | undefined => {
  try {
    return Path.resolve(Path.dirname(path), Fs.readlinkSync(path))
  } catch {
    return undefined
  }
}

/** The absolute path without links, also of a file that is not there yet, and at the end of a link that leads to none. */
export const realPath = (name: string): string => {
  let path = Path.resolve(name)
  for (let link = 0; link < mostLinks; link++) {
    try {
      return Fs.realpathSync.native(path)
    } catch {
      const next = linkOf(path)
      if (next === undefined) break
      path = next
    }
  }
  try {
    return Path.join(Fs.realpathSync.native(Path.dirname(path)), Path.basename(path))
  } catch {
    return path
  }
}

export const stdout: Stream = { _tag: "Stream", name: "stdout", descriptor: 1 }

/** `name` is that of an option; `-` is stdout. */
export const of = (name: string): Target => {
  const descriptor = name === standard ? 1 : descriptorOf(name)
  if (descriptor === 1) return stdout
  if (descriptor !== undefined) return { _tag: "Stream", name, descriptor }
  return isStream(name) ? { _tag: "Stream", name, descriptor: undefined } : {
    _tag: "PlainFile",
    name,
    path: realPath(name)
  }
}

/** Named pipes of Windows, which no folder lists. */
const windowsPipe = /^[\\/]{2}[.?][\\/]pipe[\\/]/i

export const isWindowsPipe = (name: string): boolean => process.platform === "win32" && windowsPipe.test(name)

const isStream = (name: string): boolean => {
  if (isWindowsPipe(name)) return true
  // What can't be looked at can't be opened either, and the error of opening it says why.
  try {
    const stat = Fs.statSync(name)
    return !stat.isFile() && !stat.isDirectory()
  } catch {
    return false
  }
}

export const isTerminal = (target: Target): boolean =>
  target._tag === "Stream" &&
  (target.descriptor === undefined ? /^\/dev\/(?:tty|pts\b|console)/.test(target.name) : Tty.isatty(target.descriptor))
