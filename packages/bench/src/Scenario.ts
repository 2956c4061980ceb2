/** What is measured: scenarios, and in each the rows of its table, in the order in which they take turns. */
import type { Client } from "./Clients.js"
import * as Clients from "./Clients.js"

/** Where a row's requests go. */
interface Endpoint {
  readonly path: string
  /** How many origins they are spread over; default 1. */
  readonly origins?: number
  readonly tls?: boolean
  /** Whether the delaying server is asked itself. */
  readonly delaying?: boolean
}

export interface Row {
  /** Unique in its scenario. */
  readonly id: string
  readonly label: string
  readonly client: Client
  readonly endpoint: Endpoint
  readonly entries: number
  /** The row that its ratios are taken against, in the same round. */
  readonly baseline?: string
  /** At most so many rounds, where one takes minutes. */
  readonly rounds?: number
  /** Only with `--full`. */
  readonly full?: boolean
}

export interface Scenario {
  readonly name: string
  readonly title: string
  readonly about: string
  readonly rows: ReadonlyArray<Row>
  readonly rounds: number
  readonly warmup: number
  /** The seconds that nobody can beat, by the number of entries. */
  readonly ideal?: (entries: number) => number
  /** Whether the time ends with the last answer that is not slow by intention. */
  readonly quickOnly?: boolean
  /** Which columns its table has; default "rate". */
  readonly table?: "rate" | "ideal" | "start" | "scale"
  /** What is left of it with `--quick`; missing, it is left out. */
  readonly quick?: { readonly entries: number; readonly rounds: number }
}

/** Connections of every client, in all. */
export const connections = 64

const rounds = 5

const row = (client: Client, entries: number, endpoint: Endpoint): Row => ({
  id: client.name,
  label: client.label,
  client,
  endpoint,
  entries
})

/** Rows whose ratios are taken against one of them. */
const relative = (baseline: Client, rows: ReadonlyArray<Row>): ReadonlyArray<Row> =>
  rows.map((row) => ({ ...row, baseline: baseline.name }))

const tiny: Scenario = {
  name: "tiny",
  title: "Tiny JSON",
  about:
    "`{\"message\":\"Hello World!\"}`, the original's headline. Slow clients get fewer entries: what is compared " +
    "is the rate.",
  rounds,
  warmup: 5000,
  quick: { entries: 80_000, rounds: 5 },
  rows: relative(Clients.undiciRequest, [
    row(Clients.fastget, 200_000, { path: "tiny" }),
    row(Clients.undiciRequest, 200_000, { path: "tiny" }),
    row(Clients.fastgetForEach, 200_000, { path: "tiny" }),
    row(Clients.fastgetGeneral, 200_000, { path: "tiny" }),
    row(Clients.fastgetWrapped, 200_000, { path: "tiny" }),
    row(Clients.undiciDispatch, 200_000, { path: "tiny" }),
    row(Clients.piscina, 200_000, { path: "tiny" }),
    row(Clients.fetch, 100_000, { path: "tiny" }),
    row(Clients.got, 40_000, { path: "tiny" }),
    row(Clients.effectStock, 20_000, { path: "tiny" }),
    row(Clients.original, 50_000, { path: "tiny" }),
    row(Clients.originalWaiting, 50_000, { path: "tiny" }),
    row(Clients.autocannon, 200_000, { path: "tiny" }),
    row(Clients.autocannon2, 200_000, { path: "tiny" }),
    row(Clients.wrk, 0, { path: "tiny" })
  ])
}

const tenKb: Scenario = {
  name: "10kb",
  title: "10 KB",
  about: "A JSON of 10 KB, not compressed, from a file.",
  rounds,
  warmup: 2000,
  quick: { entries: 15_000, rounds: 3 },
  rows: relative(Clients.undiciRequest, [
    row(Clients.fastget, 60_000, { path: "10kb" }),
    row(Clients.fastgetForEach, 60_000, { path: "10kb" }),
    row(Clients.undiciRequest, 60_000, { path: "10kb" }),
    row(Clients.fetch, 40_000, { path: "10kb" })
  ])
}

const oneMb: Scenario = {
  name: "1mb",
  title: "1 MB",
  about: "A JSON of 1 MB, not compressed, from a file.",
  rounds,
  warmup: 50,
  rows: relative(Clients.undiciRequest, [
    row(Clients.fastget, 500, { path: "1mb" }),
    row(Clients.undiciRequest, 500, { path: "1mb" }),
    row(Clients.fetch, 500, { path: "1mb" })
  ])
}

const gzip: Scenario = {
  name: "gzip10kb",
  title: "10 KB, compressed",
  about: "The same JSON of 10 KB, compressed with gzip beforehand. Raw undici asks for it and decodes it by hand, on " +
    "its one thread.",
  rounds,
  warmup: 2000,
  quick: { entries: 15_000, rounds: 3 },
  rows: relative(Clients.undiciRequestGzip, [
    row(Clients.fastget, 60_000, { path: "gzip10kb" }),
    row(Clients.undiciRequestGzip, 60_000, { path: "gzip10kb" }),
    row(Clients.fetch, 30_000, { path: "gzip10kb" })
  ])
}

const tls: Scenario = {
  name: "tls",
  title: "TLS",
  about: "Tiny JSON over TLS; the clients verify the certificate (`NODE_EXTRA_CA_CERTS`).",
  rounds,
  warmup: 5000,
  quick: { entries: 30_000, rounds: 3 },
  rows: relative(Clients.undiciRequest, [
    row(Clients.fastget, 200_000, { path: "tiny", tls: true }),
    row(Clients.undiciRequest, 200_000, { path: "tiny", tls: true }),
    row(Clients.fetch, 50_000, { path: "tiny", tls: true })
  ])
}

const latency: Scenario = {
  name: "latency50",
  title: "50 ms latency",
  about: "Each answer comes 50 ms after its request. The ideal is entries × 50 ms / 64 connections.",
  rounds,
  warmup: 500,
  table: "ideal",
  ideal: (entries) => entries * 0.05 / connections,
  quick: { entries: 4000, rounds: 1 },
  rows: relative(Clients.undiciRequest, [
    row(Clients.fastget, 20_000, { path: "latency50", delaying: true }),
    row(Clients.undiciRequest, 20_000, { path: "latency50", delaying: true })
  ])
}

/** A client with slow answers against itself without. */
const slowPair = (client: Client): ReadonlyArray<Row> => [
  { ...row(client, 200_000, { path: "slow" }), label: `${client.label}, some slow`, baseline: `${client.name}-noslow` },
  {
    ...row(client, 200_000, { path: "noslow" }),
    id: `${client.name}-noslow`,
    label: `${client.label}, none slow`,
    baseline: `${Clients.undiciRequest.name}-noslow`
  }
]

const slow: Scenario = {
  name: "slow",
  title: "One slow in 10,000",
  about: "One answer in 10,000 takes 5 s, so that 20 of the 64 connections end up waiting. Timed to the last quick " +
    "result. A run with slow ones is set against the same client's without, and that against raw undici's.",
  rounds,
  warmup: 5000,
  quickOnly: true,
  rows: [...slowPair(Clients.fastget), ...slowPair(Clients.undiciRequest)]
}

const origins: Scenario = {
  name: "origins50",
  title: "50 origins",
  about: "Tiny JSON from 50 origins in turns: 50 ports of one server.",
  rounds,
  warmup: 5000,
  rows: relative(Clients.undiciRequest, [
    row(Clients.fastget, 100_000, { path: "tiny", origins: 50 }),
    row(Clients.undiciRequest, 100_000, { path: "tiny", origins: 50 }),
    row(Clients.fetch, 50_000, { path: "tiny", origins: 50 })
  ])
}

const start: Scenario = {
  name: "start",
  title: "Start",
  about: "A new process asks for one URL. Counted from the layer's making to the first result, without the imports, " +
    "and from the start of the process, with Node's own start and the imports.",
  rounds: 10,
  warmup: 0,
  table: "start",
  quick: { entries: 1, rounds: 5 },
  rows: [row(Clients.fastgetStart, 1, { path: "tiny" }), row(Clients.undiciStart, 1, { path: "tiny" })]
}

const scaleRow = (id: string, entries: number, more: Partial<Row> = {}): Row => ({
  ...row(Clients.fastget, entries, { path: "tiny" }),
  id,
  label: `${id} entries`,
  ...more
})

const scale: Scenario = {
  name: "scale",
  title: "Scale",
  about: "FastGet alone, tiny JSON: a generator goes in, the stream is drained. The ratios are against the row before.",
  rounds,
  warmup: 5000,
  table: "scale",
  rows: [
    scaleRow("10k", 10_000),
    scaleRow("100k", 100_000, { baseline: "10k" }),
    scaleRow("1M", 1_000_000, { baseline: "100k" }),
    scaleRow("10M", 10_000_000, { baseline: "1M", full: true, rounds: 1 })
  ]
}

export const all: ReadonlyArray<Scenario> = [tiny, tenKb, oneMb, gzip, tls, latency, slow, origins, start, scale]

/** Of a scenario with FastGet's defaults in it, these alone, and the same of another checkout to take the ratios against. */
export const against = (scenario: Scenario, folder: string): ReadonlyArray<Scenario> => {
  const other = Clients.fastgetOf(folder)
  const row = scenario.rows.find(({ client, id }) => client === Clients.fastget && id === client.name)
  if (row === undefined) return []
  const { baseline: _, ...own } = row
  return [{
    ...scenario,
    rows: [{ ...own, baseline: other.name }, { ...own, id: other.name, label: other.label, client: other }]
  }]
}
