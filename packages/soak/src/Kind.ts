/**
 * What the server does for an id, and what must come of it. Both follow from the
 * number of the id, so that neither side keeps a list: one id in twenty
 * misbehaves, each kind of misbehaviour about as often as the others.
 */
import type * as FetchError from "fastget/FetchError"

/** The reason an entry of each misbehaving kind must end with; undefined where its JSON must come. */
export const misbehaving = {
  "busy-once": undefined,
  "reset-once": undefined,
  "reset": "Reset",
  "truncated": "Truncated",
  "cut": "Truncated",
  "slow": undefined,
  "redirect": undefined,
  "bad-json": "Decode",
  "not-found": "Status",
  "gzip": undefined,
  "gzip-corrupt": "Decompress",
  "empty": "EmptyBody",
  "large": undefined
} as const satisfies Readonly<Record<string, FetchError.ReasonTag | undefined>>

/** `silent-once` costs a whole time-out, so it is one id in 50,000. */
export type Kind = "ok" | "silent-once" | keyof typeof misbehaving

const kinds = Object.keys(misbehaving) as ReadonlyArray<keyof typeof misbehaving>

/** Scatters the numbers: neighbours get different kinds. */
const scatter = (id: number): number => {
  let bits = Math.imul(id ^ (id >>> 16), 0x45d9f3b)
  bits = Math.imul(bits ^ (bits >>> 16), 0x45d9f3b)
  return (bits ^ (bits >>> 16)) >>> 0
}

export const of = (id: number): Kind => {
  if (id % 50_000 === 7) return "silent-once"
  const bits = scatter(id)
  return bits % 20 === 0 ? kinds[Math.floor(bits / 20) % kinds.length]! : "ok"
}

export const path = (id: number): string => `/${of(id)}/${id}`

export const expected = (kind: Kind): FetchError.ReasonTag | undefined =>
  kind === "ok" || kind === "silent-once" ? undefined : misbehaving[kind]

/** What a large answer carries besides its id. */
export const padding = "x".repeat(20_000)
