/** What the servers answer: JSON of several sizes, each with the field that every client reads. */
import { gzipSync } from "node:zlib"
import { message } from "./Task.js"

/** Records as an API gives them, until the JSON is about so many bytes. */
const records = (bytes: number): string => {
  const items: Array<unknown> = []
  let length = 0
  for (let id = 0; length < bytes; id++) {
    // Some of it repeats and some does not, so that gzip has something to do.
    const noise = ((id + 1) * 2654435761 % 2 ** 32).toString(36)
    const item = { id, name: `Item ${noise}`, price: (id * 37 % 1000) / 10, tags: ["a", noise], active: id % 3 === 0 }
    length += JSON.stringify(item).length + 1
    items.push(item)
  }
  return JSON.stringify({ message, items })
}

/** Of the scenario "tiny", as the original's README has it. */
export const tiny = JSON.stringify({ message })

/** By the name of the file. */
export const files = (): ReadonlyMap<string, Buffer> => {
  const tenKb = Buffer.from(records(10 * 1024))
  return new Map([
    ["10kb.json", tenKb],
    ["10kb.json.gz", gzipSync(tenKb)],
    ["1mb.json", Buffer.from(records(1024 * 1024))]
  ])
}
