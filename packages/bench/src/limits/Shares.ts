/** Rows about who gets the connections: one to an origin, hosts where nobody answers, several streams, a knee. */
import type { Done, Row, Run } from "./Row.js"
import { common, goodOf, least, most, outcomesOf, secondsOf, streamsOf } from "./Row.js"
import { success } from "./Task.js"

const threads = (numWorkers: number): Run => ({
  name: `${numWorkers}`,
  models: Array.from({ length: 3 }, () => ({ kind: "plain", latency: 5 })),
  task: (urls) => ({
    streams: [{ origins: urls, count: 300 }],
    options: { connectionsPerOrigin: 1, numWorkers }
  })
})

const oneConnection: Row = {
  name: "one-connection",
  title: "`connectionsPerOrigin: 1`, 4 threads, 300 entries on 3 origins",
  rivals: false,
  full: false,
  runs: [threads(4), threads(1)],
  figures: (done) => [
    ...common(done("4"), 300, undefined),
    most("most sockets to an origin", Math.max(...done("4").servers.map(({ mostSockets }) => mostSockets)), 1),
    least("rate, of one thread's", secondsOf(done("1")) / secondsOf(done("4")), 0.9)
  ]
}

const patient = { connectTimeout: "1 second" }
const typed = new Set(["Connect", "Timeout", "OriginDown"])

const dead: Row = {
  name: "dead",
  title: "4,000 entries, a quarter on a host that never answers and one on a host that refuses",
  rivals: true,
  full: false,
  runs: [
    {
      name: "all",
      models: [{ kind: "plain", latency: 50 }, { kind: "silent" }, { kind: "closed" }],
      task: ([live, silent, closed]) => ({
        streams: [{ origins: [live!, silent!, live!, closed!], count: 4000 }],
        retries: 3,
        options: patient
      })
    },
    {
      name: "alone",
      models: [{ kind: "plain", latency: 50 }],
      task: ([live]) => ({ streams: [{ origins: [live!], count: 2000 }], options: patient })
    }
  ],
  figures: (done) => {
    const alone = secondsOf(done("alone"))
    const { lastOf } = streamsOf(done("all"))[0]!
    const others = [...outcomesOf(done("all"))].filter(([name]) => name !== success)
    return [
      ...common(done("all"), 2000, undefined),
      most("live half, of its time alone", Math.max(lastOf[0]!, lastOf[2]!) / alone, 1.2),
      most("seconds of the whole beyond it", secondsOf(done("all")) - alone, 10),
      least("typed failures", others.reduce((sum, [name, count]) => sum + (typed.has(name) ? count : 0), 0), 2000)
    ]
  }
}

const streams: Row = {
  name: "streams",
  title: "two streams at an origin of 100/s, one at another",
  rivals: false,
  full: false,
  runs: [
    {
      name: "all",
      models: [{ kind: "limit", counts: "bucket", perSecond: 100, tells: "seconds" }, { kind: "plain", latency: 50 }],
      task: ([limited, other]) => ({
        streams: [
          { origins: [limited!], count: 500 },
          { origins: [limited!], count: 500 },
          { origins: [other!], count: 4000 }
        ]
      })
    },
    {
      name: "alone",
      models: [{ kind: "plain", latency: 50 }],
      task: ([other]) => ({ streams: [{ origins: [other!], count: 4000 }] })
    }
  ],
  figures: (done) => {
    const [a, b, other] = streamsOf(done("all"))
    const { goodAtEnd } = a!.seconds < b!.seconds ? a! : b!
    const [ofA, ofB] = goodAtEnd
    return [
      ...common(done("all"), 5000, 9, { wall: 1.2 }),
      least("the smaller share, when one ended", Math.min(ofA!, ofB!) / (ofA! + ofB!), 0.4),
      least("the other's rate, of it alone", secondsOf(done("alone")) / other!.seconds, 0.9)
    ]
  }
}

const atKnee = (name: string, options: Readonly<Record<string, unknown>>): Run => ({
  name,
  models: [{ kind: "knee", knee: 12, latency: 20 }],
  task: ([url]) => ({ streams: [{ origins: [url!], count: 6000 }], options })
})

const fixed = [8, 12, 16, 24, 64]

const rate = (done: Done): number => goodOf(done) / secondsOf(done)

const knee: Row = {
  name: "knee",
  title: "`concurrency: \"adaptive\"` at a knee of 12 at once",
  rivals: false,
  full: false,
  runs: [
    atKnee("adaptive", { concurrency: "adaptive" }),
    ...fixed.map((connectionsPerOrigin) => atKnee(`${connectionsPerOrigin}`, { connectionsPerOrigin }))
  ],
  figures: (done) => {
    const best = Math.max(...fixed.map((limit) => rate(done(`${limit}`))))
    const p99 = (run: string) => done(run).servers[0]!.p99
    return [
      ...common(done("adaptive"), 6000, 6000 / (12 / 0.02)),
      least("rate, of the best fixed limit's", rate(done("adaptive")) / best, 0.95),
      most("p99 of its latency, of that at 64", p99("adaptive") / p99("64"), 0.6)
    ]
  }
}

const onePath: Row = {
  name: "one-path",
  title: "one path of 2,000 answers 429 for ever",
  rivals: false,
  full: true,
  runs: [{
    name: "",
    models: [{ kind: "limit", counts: "bucket", perSecond: 100_000, tells: "none", refuses: "/700" }],
    task: ([url]) => ({ streams: [{ origins: [url!], count: 2000 }] })
  }],
  figures: (done) => [
    ...common(done(""), 1999, undefined, { waste: 1.05 }),
    least("Status of that one", outcomesOf(done("")).get("Status") ?? 0, 1),
    most("seconds", secondsOf(done("")), 60)
  ]
}

export const rows: ReadonlyArray<Row> = [oneConnection, dead, streams, knee, onePath]
