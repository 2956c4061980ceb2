/**
 * A raw TCP server on 127.0.0.1 whose first path segment chooses how it
 * misbehaves: `/fin/7` closes the connection where an answer is due. What a path
 * does is in `behaviours`. Its scope owns it.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"
import * as Zlib from "node:zlib"

export interface FaultServer {
  /** `http://127.0.0.1:port`, without a slash at the end. */
  readonly url: string
  readonly openSockets: () => number
  /** Requests for a path so far. */
  readonly requests: (path: string) => number
}

/** Answers one request for `path`; `count` says the how manieth it is for that path. */
type Behaviour = (socket: Net.Socket, path: string, count: number) => void

const head = (status: string, headers: Readonly<Record<string, string | number>>) =>
  `HTTP/1.1 ${status}\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`

const answer = (
  socket: Net.Socket,
  body: string | Uint8Array,
  { headers = {}, status = "200 OK" }: { status?: string; headers?: Readonly<Record<string, string | number>> } = {}
) => {
  const bytes = Buffer.from(body)
  socket.write(Buffer.concat([Buffer.from(head(status, { "content-length": bytes.length, ...headers })), bytes]))
}

const encoded = (encode: (body: string) => Uint8Array, encoding: string): Behaviour => (socket, path) =>
  answer(socket, encode(JSON.stringify({ path })), { headers: { "content-encoding": encoding } })

const raw = (text: string): Behaviour => (socket) => socket.write(text)
const rawThenEnd = (text: string): Behaviour => (socket) => socket.end(text)
/** Waits until the text has been read: a reset that comes with it looks like an end to libuv. */
const rawThenReset = (text: string): Behaviour => (socket) =>
  socket.write(text, () => setTimeout(() => socket.resetAndDestroy(), 200))

const redirect = (location: string): Behaviour => (socket) =>
  answer(socket, "", { status: "302 Found", headers: { location } })

const cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a\":1"
const chunkedCut = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n"
const gzip = (body: string) => Zlib.gzipSync(body)

export const behaviours = {
  "ok": (socket, path) => answer(socket, JSON.stringify({ path })),
  "reset": (socket) => socket.resetAndDestroy(),
  "fin": (socket) => socket.end(),
  "fin-in-headers": rawThenEnd("HTTP/1.1 200 OK\r\ncontent-le"),
  "garbage": raw("\u0000\u0001\u0002 what is this\r\n\r\n"),
  "ssh": raw("SSH-2.0-OpenSSH_9.6\r\n"),
  "status-abc": raw("HTTP/1.1 abc OK\r\ncontent-length: 2\r\n\r\n{}"),
  "status-099": raw("HTTP/1.1 099 OK\r\ncontent-length: 2\r\n\r\n{}"),
  "status-1000": raw("HTTP/1.1 1000 OK\r\ncontent-length: 2\r\n\r\n{}"),
  "cut-fin": rawThenEnd(cut),
  "cut-reset": rawThenReset(cut),
  "long": raw("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{\"a\":1}"),
  "two-lengths": raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"),
  "length-negative": raw("HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n{}"),
  "chunked": raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n"),
  "chunked-fin": rawThenEnd(chunkedCut),
  "chunked-reset": rawThenReset(chunkedCut),
  "chunked-bad": raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n"),
  "close-delimited": rawThenEnd("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"a\":1}"),
  "close-cut": rawThenEnd("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"a\":"),
  "close-reset": rawThenReset("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"a\":1}"),
  "large-header": raw(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(20_000)}\r\ncontent-length: 2\r\n\r\n{}`),
  "nul-in-header": raw("HTTP/1.1 200 OK\r\nx: a\u0000b\r\ncontent-length: 2\r\n\r\n{}"),
  "early-hints": raw(
    "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
  ),
  "switching": raw("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
  "no-content": raw("HTTP/1.1 204 No Content\r\n\r\n"),
  "empty": (socket) => answer(socket, ""),
  "not-modified": raw("HTTP/1.1 304 Not Modified\r\n\r\n"),
  "not-found": (socket) => answer(socket, "x".repeat(300_000), { status: "404 Not Found" }),
  "busy-once": (socket, path, count) =>
    count === 1
      ? answer(socket, "busy", { status: "503 Unavailable", headers: { "retry-after": 0 } })
      : answer(socket, JSON.stringify({ path })),
  "busy-long": (socket) => answer(socket, "busy", { status: "503 Unavailable", headers: { "retry-after": 61 } }),
  "redirect": redirect("/ok/redirected"),
  "redirect-loop": redirect("/redirect-loop/x"),
  "redirect-bad": redirect("http://[bad"),
  "redirect-file": redirect("file:///etc/passwd"),
  "endless": (socket) => {
    socket.write(head("200 OK", { "transfer-encoding": "chunked" }))
    const part = `10000\r\n${"x".repeat(0x10000)}\r\n`
    const more = () => {
      while (!socket.destroyed && socket.write(part));
    }
    socket.on("drain", more)
    more()
  },
  "gzip": encoded(gzip, "gzip"),
  "deflate": encoded((body) => Zlib.deflateSync(body), "deflate"),
  "deflate-raw": encoded((body) => Zlib.deflateRawSync(body), "deflate"),
  "br": encoded((body) => Zlib.brotliCompressSync(body), "br"),
  "gzip-br": encoded((body) => Zlib.brotliCompressSync(gzip(body)), "gzip, br"),
  "gzip-bomb": encoded(() => Zlib.gzipSync(Buffer.alloc(50 * 1024 * 1024)), "gzip"),
  "gzip-cut": encoded((body) => gzip(body).subarray(0, 20), "gzip"),
  "gzip-corrupt": encoded((body) => gzip(body).fill(7, 12, 24), "gzip"),
  "gzip-not": encoded((body) => Buffer.from(body), "gzip"),
  "unknown-encoding": encoded((body) => Buffer.from(body), "snappy"),
  "eight-encodings": encoded((body) => Buffer.from(body), Array(8).fill("gzip").join(", ")),
  "not-utf8": (socket) => answer(socket, Buffer.from([0x22, 0xff, 0xfe, 0x22])),
  "html": (socket) => answer(socket, "<html><body>no</body></html>"),
  "deep": (socket) => answer(socket, "[".repeat(100_000) + "]".repeat(100_000)),
  "bom": (socket) => answer(socket, "\uFEFF{}"),
  "silent": () => {},
  "slow-headers": (socket) => {
    socket.write("HTTP/1.1 200 OK\r\nx: ")
    const timer = setInterval(() => socket.write("x"), 100)
    socket.once("close", () => clearInterval(timer))
  },
  "stalled-body": raw(cut),
  "dripping-body": (socket) => {
    socket.write(head("200 OK", { "content-length": 1000 }))
    const timer = setInterval(() => socket.write(" "), 20)
    socket.once("close", () => clearInterval(timer))
  },
  "hints-for-ever": (socket) => {
    const timer = setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\n\r\n"), 20)
    socket.once("close", () => clearInterval(timer))
  }
} satisfies Readonly<Record<string, Behaviour>>

export type Fault = keyof typeof behaviours

export const make: Effect.Effect<FaultServer, never, Scope.Scope> = Effect.map(
  Effect.acquireRelease(
    Effect.async<{ readonly server: FaultServer; readonly close: Effect.Effect<void> }>((resume) => {
      const sockets = new Set<Net.Socket>()
      const counts = new Map<string, number>()
      const server = Net.createServer({ noDelay: true }, (socket) => {
        sockets.add(socket)
        socket.once("close", () => sockets.delete(socket))
        // Peers reset their connections in many of these tests.
        socket.on("error", () => {})
        let request = ""
        socket.on("data", (part) => {
          request += part.toString("latin1")
          if (!request.includes("\r\n\r\n")) return
          const path = request.split(" ", 2)[1] ?? ""
          request = ""
          const count = (counts.get(path) ?? 0) + 1
          counts.set(path, count)
          const name = path.split("/")[1] ?? ""
          const behaviour = name in behaviours ? behaviours[name as Fault] : behaviours.ok
          behaviour(socket, path, count)
        })
      })
      server.listen(0, "127.0.0.1", 4096, () =>
        resume(Effect.succeed({
          server: {
            url: `http://127.0.0.1:${(server.address() as Net.AddressInfo).port}`,
            openSockets: () => sockets.size,
            requests: (path) => counts.get(path) ?? 0
          },
          close: Effect.async<void>((resume) => {
            server.close(() => resume(Effect.void))
            for (const socket of sockets) socket.destroy()
          })
        })))
    }),
    ({ close }) => close
  ),
  ({ server }) => server
)
