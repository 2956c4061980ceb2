/**
 * Names of files made of ids: safe on Linux, macOS and Windows, and never the
 * same for two ids.
 */
import * as Crypto from "node:crypto"
import type { EntryId } from "./EntryId.js"
import * as EntryId_ from "./EntryId.js"

/** Safe as they are. No capitals: where the case of names does not count they would collide. */
const plain = /^[a-z0-9_-][a-z0-9._-]{0,99}$/

/** Names of devices on Windows, with any extension. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/

/**
 * A short id of small letters, digits, `.`, `_` and `-` is its own name. Any
 * other is what is left of it, a `~` and a part of its hash.
 */
export const make = (id: EntryId, extension: string): string => {
  const text = String(EntryId_.idOf(id))
  const line = EntryId_.lineOf(id)
  const isPlain = line === undefined && plain.test(text) && !device.test(text) && !text.endsWith(".")
  return isPlain ? `${text}${extension}` : hashed(id, extension)
}

/** The name with a hash, also of an id whose own name is taken by something else. */
export const hashed = (id: EntryId, extension: string): string => {
  const text = String(EntryId_.idOf(id))
  const hashedText = EntryId_.key(typeof id === "number" ? text : JSON.stringify(text), EntryId_.lineOf(id))
  const hash = Crypto.createHash("sha256").update(hashedText).digest("hex").slice(0, 24)
  const rest = text.replace(/[^A-Za-z0-9_-]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 60)
  return `${rest}~${hash}${extension}`
}

/** `json` and `.json` alike; undefined for what is no plain extension. */
export const parseExtension = (text: string): string | undefined => {
  const extension = text.startsWith(".") ? text : `.${text}`
  return /^\.[A-Za-z0-9]{1,16}(?:\.[A-Za-z0-9]{1,16})?$/.test(extension) ? extension : undefined
}
