/**
 * Whether two of the files of a run are one, by whatever names, links or
 * descriptors: then one would be destroyed by the other. All are looked at
 * before any of them is opened to be written.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Target from "./Target.js"

export interface Use {
  /** What the run uses it for: "the input", "--output". */
  readonly role: string
  readonly name: string
  readonly access: "read" | "write"
  /** One that the shell has opened; then the name is for showing only. */
  readonly descriptor: number | undefined
}

/** The first two that are the same file, as a sentence; undefined where all are different. */
export const conflict = (uses: ReadonlyArray<Use>): string | undefined => {
  const found = uses.flatMap((use) => {
    const file = identify(use)
    return file === undefined ? [] : [{ use, file }]
  })
  for (const [index, second] of found.entries()) {
    const first = found.slice(0, index).find((first) => areOne(first.file, second.file) && clash(first, second))
    if (first !== undefined) return sentence(first.use, second.use)
  }
  return undefined
}

const sentence = (first: Use, second: Use): string => {
  const text = ({ name, role }: Use) => role === name ? name : `${role} ${name}`
  return first.access === "read" && second.access === "read"
    ? `${text(first)} and ${text(second)} are the same: it can be read once only`
    : `${text(first)} and ${text(second)} are the same file: name another one`
}

type File =
  | { readonly id: string; readonly isStream: boolean; readonly isFifo: boolean }
  /** One that is not there yet. */
  | { readonly folder: string; readonly name: string }

/** Undefined for what may be given any number of times: devices, terminals among them, and what can't be looked at. */
const identify = ({ descriptor, name }: Use): File | undefined => {
  const stat = statOf(descriptor ?? name)
  if (stat === undefined) return descriptor === undefined ? missing(name) : undefined
  if (stat.isCharacterDevice()) return undefined
  const isFifo = stat.isFIFO()
  const known = { isFifo, isStream: isFifo || stat.isSocket() }
  if (stat.ino !== 0n) return { id: `${stat.dev}:${stat.ino}`, ...known }
  // Some file systems, and the pipes of Windows, have no inode numbers.
  return descriptor === undefined ? { id: Target.realPath(name), ...known } : undefined
}

const statOf = (file: string | number): Fs.BigIntStats | undefined => {
  try {
    return typeof file === "number" ? Fs.fstatSync(file, { bigint: true }) : Fs.statSync(file, { bigint: true })
  } catch {
    return undefined
  }
}

const missing = (name: string): File => {
  const path = Target.realPath(name)
  const folder = Path.dirname(path)
  const stat = statOf(folder)
  return { folder: stat === undefined ? folder : `${stat.dev}:${stat.ino}`, name: path }
}

const areOne = (first: File, second: File): boolean => {
  if ("id" in first && "id" in second) return first.id === second.id
  if ("id" in first || "id" in second || first.folder !== second.folder) return false
  const [one, other] = [Path.basename(first.name), Path.basename(second.name)]
  return one === other || (fold(one) === fold(other) && meanOne(first.name, second.name))
}

/** Names that a file system might take for one: letters of another case or composition, and what Windows leaves out. */
const fold = (name: string): string =>
  name.normalize("NFKD").toUpperCase().toLowerCase().replace(/:.*$/s, "").replace(/[. ]+$/, "")

/** Asks the file system: makes a file of the first name for a moment and looks for the second. */
const meanOne = (first: string, second: string): boolean => {
  try {
    Fs.closeSync(Fs.openSync(first, "wx"))
  } catch {
    // Then the output can't be made either, and opening it says why.
    return false
  }
  try {
    return Fs.existsSync(second)
  } finally {
    Fs.rmSync(first, { force: true })
  }
}

interface Found {
  readonly use: Use
  readonly file: File
}

/** Whether it does harm that two files are the same. */
const clash = ({ file, use: first }: Found, { use: second }: Found): boolean => {
  const isStream = "id" in file && file.isStream
  const areGiven = first.descriptor !== undefined && second.descriptor !== undefined
  // A file can be read twice; of a pipe of the shell each would get a part.
  if (first.access === "read" && second.access === "read") return isStream && areGiven
  // Two descriptors with the same file or pipe, as `> all 2>&1` makes them, are intended; they are written in order.
  if (first.access === "write" && second.access === "write") return !isStream && !areGiven
  // A socket may be stdin and stdout: it has two directions. From a pipe the run would read what it has written.
  return !isStream || ("id" in file && file.isFifo)
}
