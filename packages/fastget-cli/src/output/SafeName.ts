/**
 * Names of files made of ids: safe on Linux, macOS and Windows, and never the
 * same for two ids.
 */
import * as Crypto from "node:crypto"
import type { EntryId } from "../input/EntryId.js"
import * as EntryId_ from "../input/EntryId.js"

/** Safe as they are. No capitals: on a file system that ignores case they would collide. */
const plain = /^[a-z0-9_-][a-z0-9._-]{0,99}$/

/** Names of devices on Windows, with any extension. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/

/**
 * A short id of small letters, digits, `.`, `_` and `-` is its own name. Any
 * other is what is left of it, a `~` and a part of its hash. Where the id has a
 * line, or its name is `taken` by another entry, the URL is hashed with it.
 */
export const make = (id: EntryId, url: string, taken: boolean, extension: string): string => {
  if (taken || EntryId_.lineOf(id) !== undefined) return hashed(id, url, extension)
  const text = textOf(id)
  const isPlain = plain.test(text) && !device.test(text) && !text.endsWith(".")
  return isPlain ? `${text}${extension}` : withHash(text, wholeOf(id), extension)
}

/** The name for an entry where the name made of its id alone is another file's. */
export const hashed = (id: EntryId, url: string, extension: string): string =>
  withHash(textOf(id), EntryId_.key(wholeOf(id), EntryId_.lineOf(id), url), extension)

const textOf = (id: EntryId): string => String(EntryId_.idOf(id))

/** The id as JSON, in which 7 and "7" differ. */
const wholeOf = (id: EntryId): string => typeof id === "number" ? textOf(id) : JSON.stringify(textOf(id))

const withHash = (text: string, hashedText: string, extension: string): string => {
  const hash = Crypto.createHash("sha256").update(hashedText).digest("hex").slice(0, 24)
  const rest = text.replace(/[^A-Za-z0-9_-]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 60)
  return `${rest}~${hash}${extension}`
}

/** `json` and `.json` alike; undefined for what is no plain extension. */
export const parseExtension = (text: string): string | undefined => {
  const extension = text.startsWith(".") ? text : `.${text}`
  return /^\.[A-Za-z0-9]{1,16}(?:\.[A-Za-z0-9]{1,16})?$/.test(extension) ? extension : undefined
}
