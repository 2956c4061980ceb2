/**
 * What the name of an output says of how it is written: `.csv`, `.tsv`,
 * `.ndjson`, and `.gz` after them or alone.
 */
export const kinds = ["ndjson", "csv", "tsv"] as const

export type Kind = typeof kinds[number]

const endings: Readonly<Record<string, Kind>> = {
  csv: "csv",
  tsv: "tsv",
  tab: "tsv",
  ndjson: "ndjson",
  jsonl: "ndjson"
}

/** The format and whether it is compressed; undefined where the name does not tell. */
export const read = (name: string): { readonly kind: Kind | undefined; readonly isGzip: boolean } => {
  const isGzip = /\.gz$/i.test(name)
  const ending = /\.([a-z]+)$/i.exec(isGzip ? name.slice(0, -3) : name)?.[1]?.toLowerCase()
  return { kind: ending !== undefined && Object.hasOwn(endings, ending) ? endings[ending] : undefined, isGzip }
}
