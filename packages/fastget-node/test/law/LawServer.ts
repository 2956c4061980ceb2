/** A raw server on loopback that does what the path says: `/case/kind/key`. Its scope owns it. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Ticks } from "loopback"
import * as Net from "node:net"
import * as Zlib from "node:zlib"
import type { Kind } from "./LawCase.js"

export interface LawServer {
  readonly url: string
  /** Calls a function when so many requests of a case have come. */
  readonly when: (name: string, requests: number, act: () => void) => void
  /** The case has ended: a second from now on a request of it is one too many. */
  readonly end: (name: string) => void
  /** Takes the paths of requests that came for a case longer than a second after its end. */
  readonly late: () => ReadonlyArray<string>
  /** Sockets with a request that has no answer yet. */
  readonly unanswered: () => number
  readonly openSockets: () => number
}

interface Request {
  readonly name: string
  readonly key: string
  /** The how manieth it is for its key. */
  readonly count: number
}

/** The bytes to send, and whether the connection ends with them; undefined: nothing, ever. */
type Answer = (
  request: Request
) => { readonly bytes: string | Uint8Array; readonly end?: boolean } | "reset" | undefined

const http = (status: string, body: string | Uint8Array, headers = "", length = body.length) => ({
  bytes: Buffer.concat([
    Buffer.from(`HTTP/1.1 ${status}\r\n${headers}content-length: ${length}\r\n\r\n`),
    Buffer.from(body)
  ])
})

export const padding = "x".repeat(100_000)

const json = (key: string, more = "") => `{"key":${key}${more}}`
const ok: Answer = ({ key }) => http("200 OK", json(key))
const busy: Answer = () => http("503 Busy", "busy")
const reset: Answer = () => "reset"
const once = (first: Answer): Answer => (request) => (request.count === 1 ? first : ok)(request)

const slowMillis = 20

/** How long, in milliseconds, requests of a case may come after its end. */
const stoppedWithin = 1000

const answers: Readonly<Record<Exclude<Kind, "refused" | "invalid" | "exit" | "throw" | "spin">, Answer>> = {
  "ok": ok,
  "slow": ok,
  "large": ({ key }) => http("200 OK", json(key, `,"padding":"${padding}"`)),
  "gzip": ({ key }) => http("200 OK", Zlib.gzipSync(json(key)), "content-encoding: gzip\r\n"),
  "redirect": ({ key, name }) => http("302 Found", "", `location: /${name}/ok/${key}\r\n`),
  "busy-once": once(busy),
  "reset-once": once(reset),
  "busy": busy,
  "not-found": () => http("404 Not Found", "gone"),
  "reset": reset,
  "cut": ({ key }) => ({ ...http("200 OK", json(key), "", 1000), end: true }),
  "bad-json": ({ key }) => http("200 OK", `{"key":${key}`),
  "empty": () => http("204 No Content", ""),
  "silent": () => undefined
}

export const make: Effect.Effect<LawServer, never, Scope.Scope> = Effect.gen(function*() {
  const sockets = new Set<Net.Socket>()
  const unanswered = new Set<Net.Socket>()
  const endedAt = new Map<string, number>()
  let counts = new Map<string, number>()
  let triggers: Array<{ readonly name: string; readonly requests: number; readonly act: () => void }> = []
  const late: Array<string> = []

  const count = (what: string): number => {
    const next = (counts.get(what) ?? 0) + 1
    counts.set(what, next)
    return next
  }

  const send = (socket: Net.Socket, answer: ReturnType<Answer>): void => {
    if (answer === undefined || socket.destroyed) return
    unanswered.delete(socket)
    if (answer === "reset") socket.resetAndDestroy()
    else if (answer.end === true) socket.end(answer.bytes)
    else socket.write(answer.bytes)
  }

  const serve = (socket: Net.Socket, path: string): void => {
    const [, name = "", kind = "", key = ""] = path.split("/")
    if (Ticks.now() > (endedAt.get(name) ?? Infinity) + stoppedWithin) late.push(path)
    unanswered.add(socket)
    const requests = count(name)
    const answer = answers[kind as keyof typeof answers]({ name, key, count: count(`${name}/${key}`) })
    if (kind === "slow") setTimeout(send, slowMillis, socket, answer)
    else send(socket, answer)
    for (const trigger of triggers) if (trigger.name === name && trigger.requests === requests) trigger.act()
  }

  const onConnection = (socket: Net.Socket): void => {
    sockets.add(socket)
    socket.once("close", () => {
      sockets.delete(socket)
      unanswered.delete(socket)
    })
    // Ended workers and time-outs reset their connections.
    socket.on("error", () => {})
    let request = ""
    socket.on("data", (part) => {
      request += part.toString("latin1")
      if (!request.endsWith("\r\n\r\n")) return
      const path = request.split(" ", 2)[1] ?? ""
      request = ""
      serve(socket, path)
    })
  }

  const port = yield* Effect.acquireRelease(
    Effect.async<Net.Server>((resume) => {
      const server = Net.createServer({ noDelay: true }, onConnection)
      server.listen(0, "127.0.0.1", 4096, () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const socket of sockets) socket.destroy()
      })
  ).pipe(Effect.map((server) => (server.address() as Net.AddressInfo).port))

  return {
    url: `http://127.0.0.1:${port}`,
    when: (name, requests, act) => void triggers.push({ name, requests, act }),
    end: (name) => {
      endedAt.set(name, Ticks.now())
      triggers = triggers.filter((trigger) => trigger.name !== name)
      counts = new Map()
    },
    late: () => late.splice(0),
    unanswered: () => unanswered.size,
    openSockets: () => sockets.size
  }
})
