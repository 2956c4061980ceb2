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
 * other is what is left of it, a `~` and a part of its hash. Where the id has a
 * line, or its name is `taken` by another entry, the URL is hashed with it.
 */
export const make = (id: EntryId, url: string, taken: boolean, extension: string): string => {
  const text = String(EntryId_.idOf(id))
  const line = EntryId_.lineOf(id)
  const isShared = taken || line !== undefined
  if (!isShared && plain.test(text) && !device.test(text) && !text.endsWith(".")) return `${text}${extension}`
  const whole = typeof id === "number" ? text : JSON.stringify(text)
  return `${hashed(whole, isShared ? EntryId_.key(whole, line, url) : whole)}${extension}`
}

const hashed = (text: string, hashedText: string): string => {
  const hash = Crypto.createHash("sha256").update(hashedText).digest("hex").slice(0, 24)
  return `${text.replace(/[^A-Za-z0-9_-]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 60)}~${hash}`
}

/** `json` and `.json` alike; undefined for what is no plain extension. */
export const parseExtension = (text: string): string | undefined => {
  const extension = text.startsWith(".") ? text : `.${text}`
  return /^\.[A-Za-z0-9]{1,16}(?:\.[A-Za-z0-9]{1,16})?$/.test(extension) ? extension : undefined
}
