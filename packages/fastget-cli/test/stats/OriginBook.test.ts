import { describe, expect, it } from "@effect/vitest"
import { OriginBook } from "../../src/stats/OriginBook.js"
import { traffic } from "../support/Origins.js"

const book = (...told: ReadonlyArray<readonly [at: number, ...origins: ReadonlyArray<ReturnType<typeof traffic>>]>) => {
  const book = new OriginBook()
  const refused = told.map(([at, ...origins]) => book.record(at, origins))
  return { book, refused }
}

describe("OriginBook", () => {
  it("keeps no origin that refuses nothing and is up", () => {
    const { book: all, refused } = book([250, traffic({ answered: 7, adaptiveLimit: 3 })])
    expect(all.list()).toEqual([])
    expect(refused).toEqual([0])
    expect(all.all()).toEqual([traffic({ answered: 7, adaptiveLimit: 3 })])
  })

  it("tells how many requests were refused since the last time, over all origins", () => {
    const other = { origin: "http://127.0.0.1:8080" }
    const { refused } = book(
      [250, traffic({ refusals: 3 })],
      [500, traffic({ refusals: 5 }), traffic({ ...other, refusals: 1 })],
      [750, traffic({ refusals: 5 }), traffic({ ...other, refusals: 1 })]
    )
    expect(refused).toEqual([3, 3, 0])
  })

  it("counts the time in which entries wait for an origin that has refused some", () => {
    const { book: all } = book(
      [250, traffic({ refusals: 1, waiting: 9, opensIn: 900, askedFor: 1000 })],
      [500, traffic({ refusals: 1, waiting: 9, opensIn: 650, askedFor: 1000 })],
      [1000, traffic({ refusals: 1, waiting: 5, learnedRate: 98.4, answered: 40 })],
      [1250, traffic({ refusals: 1, learnedRate: 98.4, answered: 60 })],
      [1500, traffic({ refusals: 1, answered: 80 })]
    )
    expect(all.list()).toEqual([{
      host: "api.example.com",
      origin: "https://api.example.com",
      waiting: 0,
      opensIn: 0,
      rate: 98.4,
      refusals: 1,
      answered: 80,
      downSince: undefined,
      skipped: 0,
      heldUp: 1000
    }])
  })

  it("counts the time for which an origin asked to be left alone without a refusal", () => {
    const { book: all } = book(
      [250, traffic({ waiting: 3, opensIn: 700, answered: 100 })],
      [500, traffic({ waiting: 3, opensIn: 450, answered: 100 })]
    )
    // Too short a time to tell a rate of it.
    expect(all.list()).toMatchObject([{ refusals: 0, answered: 100, heldUp: 500, rate: undefined }])
  })

  it("tells the mean of the rates that were learned, so that one which was tried for a moment changes little", () => {
    const learned = { refusals: 1, waiting: 3 }
    const { book: all } = book(
      [1000, traffic({ ...learned, learnedRate: 90 })],
      [9000, traffic({ ...learned, learnedRate: 100, answered: 900 })],
      [10_000, traffic({ ...learned, learnedRate: 200, answered: 1100 })],
      [11_000, traffic({ ...learned, answered: 1300 })]
    )
    expect(all.list()[0]?.rate).toBe(109)
    // The first look has no time before it.
    expect(book([0, traffic({ ...learned, learnedRate: 90 })]).book.list()[0]?.rate).toBe(90)
  })

  it("counts waits for a turn of a rate that was set apart, as they are no server's doing", () => {
    const other = { origin: "http://other", waiting: 1 }
    const { book: all } = book(
      [250, traffic({ waiting: 3 })],
      [500, traffic({ waiting: 3 }), traffic(other)],
      [1000, traffic(), traffic(other)],
      [2000, traffic({ waiting: 3, refusals: 1, learnedRate: 9 }), traffic()]
    )
    expect(all.paced()).toEqual([
      { origin: "http://other", waited: 750 },
      { origin: "https://api.example.com", waited: 500 }
    ])
    expect(all.list()).toMatchObject([{ host: "api.example.com", heldUp: 1000 }])
  })

  it("tells no higher rate than the server has answered at while entries waited for it all the time", () => {
    const held = { refusals: 1, waiting: 3, learnedRate: 150 }
    const { book: all } = book(
      // A burst, which was answered before anyone waited.
      [1000, traffic({ ...held, answered: 500 })],
      [2000, traffic({ ...held, answered: 600 })],
      [4000, traffic({ ...held, answered: 780 })],
      // Nobody waits: it may be asked less than it bears.
      [9000, traffic({ ...held, answered: 800, waiting: 0 })]
    )
    expect(all.list()[0]?.rate).toBeCloseTo(280 / 3, 5)
  })

  it("adds up what is told of an origin that was forgotten meanwhile", () => {
    const { book: all, refused } = book(
      [250, traffic({ refusals: 3, answered: 10, skipped: 2 })],
      [500],
      [750, traffic({ refusals: 2, answered: 4, skipped: 1 })],
      [1000, traffic({ refusals: 4, answered: 9, skipped: 1 })]
    )
    expect(all.list()[0]).toMatchObject({ refusals: 7, answered: 19, skipped: 3 })
    expect(refused).toEqual([3, 0, 2, 2])
  })

  it("lists the origins that held the run up longest first, then those that skipped most", () => {
    const { book: all } = book([
      250,
      traffic({ origin: "http://skipped", skipped: 9, downSince: 1 }),
      traffic({ origin: "http://held", refusals: 1, waiting: 1, opensIn: 100 }),
      traffic({ origin: "http://down", downSince: 1 })
    ])
    expect(all.list().map(({ host }) => host)).toEqual(["held", "skipped", "down"])
  })

  it("keeps 1,024 origins at most", () => {
    const origins = Array.from({ length: 2000 }, (_, n) => traffic({ origin: `http://h${n}`, refusals: 1 }))
    const { book: all } = book([250, ...origins], [500, ...origins])
    expect(all.list()).toHaveLength(1024)
  })
})
