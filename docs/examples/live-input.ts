/**
 * An input that is still being written while it is read: a crawler. What a page
 * links to goes back into the queue that the entries come from. Each entry is
 * sent as soon as a worker is idle; it never waits for a chunk to fill.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Queue, Schema, Stream } from "effect"
import { FastGet } from "fastget"
import { NodeFastGet } from "fastget-node"
import { LoopbackServer } from "loopback"

const Page = Schema.Struct({ links: Schema.Array(Schema.String) })

// A tree of 1,000 pages: page 7 links to pages 14 and 15.
const linksOf = (n: number) => [2 * n, 2 * n + 1].filter((m) => m <= 1000).map((m) => `/${m}`)

const main = Effect.gen(function*() {
  const server = yield* LoopbackServer.make((request, response) => {
    response.end(JSON.stringify({ links: linksOf(Number(request.url?.slice(1))) }))
  })
  // Who reads the answers writes the queue, so it must never have to wait: the bound is the size of the site.
  const queue = yield* Queue.unbounded<string>()
  const found = new Set(["/1"])
  let read = 0

  yield* queue.offer("/1")
  yield* Stream.fromQueue(queue).pipe(
    Stream.map((path) => [path, `${server.url}${path}`] as const),
    FastGet.stream({ schema: Page }),
    Stream.runForEach(([, page]) => {
      const news = page.links.filter((link) => !found.has(link))
      for (const link of news) found.add(link)
      read += 1
      // When every page that was found has been read, the queue is closed and the stream ends.
      return read === found.size ? queue.shutdown : queue.offerAll(news)
    })
  )
  yield* Console.log(`read ${read} pages, starting from one`)
})

main.pipe(
  Effect.provide(NodeFastGet.layer({ logLevel: "None" })),
  Effect.scoped,
  NodeRuntime.runMain
)
