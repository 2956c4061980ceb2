/**
 * How a server may answer, or fail to: each behaviour has a socket that has sent
 * a request for a path, and does to it what its name says. In the order of
 * docs/faults.md.
 */
import type * as Net from "node:net"
import * as Zlib from "node:zlib"

/** Answers one request for `path`; `count` says the how manieth it is for that path. */
export type Behaviour = (socket: Net.Socket, path: string, count: number) => void

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

/** Answers with a JSON that names the path, encoded. */
const encoded = (encode: (body: string) => Uint8Array, encoding: string): Behaviour => (socket, path) =>
  answer(socket, encode(JSON.stringify({ path })), { headers: { "content-encoding": encoding } })

/** Answers with bytes that are made once, when they are first wanted. */
const once = (make: () => Uint8Array, headers: Readonly<Record<string, string>> = {}): Behaviour => {
  let body: Uint8Array | undefined
  return (socket) => answer(socket, body ??= make(), { headers })
}

const raw = (text: string): Behaviour => (socket) => socket.write(text)
const rawThenEnd = (text: string): Behaviour => (socket) => socket.end(text)
const rawThenClose = (text: string): Behaviour => (socket) => socket.write(text, () => socket.destroy())
/** Waits until the text has been read: a reset that comes with it looks like an end to libuv. */
const rawThenReset = (text: string): Behaviour => (socket) =>
  socket.write(text, () => setTimeout(() => socket.resetAndDestroy(), 200))

/** Writes again and again, as long as anybody is there to read it. */
const every = (millis: number, text: string): Behaviour => (socket) => {
  const timer = setInterval(() => socket.write(text), millis)
  socket.once("close", () => clearInterval(timer))
}

/** Writes byte by byte, each in a piece of its own. */
const dripped = (text: string): Behaviour => (socket) => {
  const next = (at: number) => {
    if (at < text.length && !socket.destroyed) socket.write(text[at]!, () => setImmediate(next, at + 1))
  }
  next(0)
}

/** Writes as fast as it is read. */
const endlessly = (begin: string, part: string): Behaviour => (socket) => {
  socket.write(begin)
  const more = () => {
    while (!socket.destroyed && socket.write(part));
  }
  socket.on("drain", more)
  more()
}

const both = (first: Behaviour, then: Behaviour): Behaviour => (socket, path, count) => {
  first(socket, path, count)
  then(socket, path, count)
}

const redirect = (location: string): Behaviour => (socket) =>
  answer(socket, "", { status: "302 Found", headers: { location } })

/** Header lines as they are, in bytes. */
const lines = (status: string, ...lines: ReadonlyArray<string>) => (body: string | Uint8Array): Uint8Array => {
  const bytes = Buffer.from(body)
  const headers = [...lines, `content-length: ${bytes.length}`].map((line) => `${line}\r\n`).join("")
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${headers}\r\n`, "latin1"), bytes])
}

const redirectLines = (...locations: ReadonlyArray<string>): Behaviour => (socket) =>
  socket.write(lines("302 Found", ...locations.map((location) => `Location: ${location}`))(""))

const busyLines = (...waits: ReadonlyArray<number>): Behaviour => (socket) =>
  socket.write(lines("503 Unavailable", ...waits.map((wait) => `Retry-After: ${wait}`))("busy"))

/** The bytes of the UTF-8 of a text, with a character for each. */
const utf8 = (text: string): string => Buffer.from(text).toString("latin1")

const backFrom = "/redirect-from"

/** The first request for a path is asked to come again. */
const busyOnce = (seconds: number): Behaviour => (socket, path, count) =>
  count === 1
    ? answer(socket, "busy", { status: "503 Unavailable", headers: { "retry-after": seconds } })
    : answer(socket, JSON.stringify({ path }))

const gzip = (body: string | Uint8Array) => Zlib.gzipSync(body)
const ok: Behaviour = (socket, path) => answer(socket, JSON.stringify({ path }))

const plain = (headers: string, body = "{}") => raw(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n${body}`)
const cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"a\":1"
const chunkedHead = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
const chunkedCut = `${chunkedHead}5\r\n{"a":\r\n`
const continued = "HTTP/1.1 100 Continue\r\n\r\n"
const okText = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
const transferred = (coding: string, body: string | Uint8Array): Behaviour => (socket) => {
  socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: ${coding}\r\n\r\n`)
  socket.end(body)
}
const chunks = (body: string | Uint8Array) =>
  Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), Buffer.from(body), Buffer.from("\r\n0\r\n\r\n")])
const closeHead = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"

export const behaviours = {
  ok,
  // The connection.
  "reset": (socket) => socket.resetAndDestroy(),
  "fin": (socket) => socket.end(),
  "idle-close": both(ok, (socket) => setTimeout(() => socket.destroy(), 5)),
  // Time.
  "silent": () => {},
  "slow-headers": both(raw("HTTP/1.1 200 OK\r\nx: "), every(100, "x")),
  "hints-for-ever": every(20, "HTTP/1.1 103 Early Hints\r\n\r\n"),
  "dripping-body": both(raw(head("200 OK", { "content-length": 1000 })), every(20, " ")),
  "stalled-body": raw(cut),
  "stalled-chunks": raw(chunkedCut),
  // The headers.
  "fin-in-headers": rawThenEnd("HTTP/1.1 200 OK\r\ncontent-le"),
  "garbage": raw("\u0000\u0001\u0002 what is this\r\n\r\n"),
  "http-09": rawThenEnd("<html>no headers in my time</html>\r\n"),
  "ssh": raw("SSH-2.0-OpenSSH_9.6\r\n"),
  "status-abc": raw("HTTP/1.1 abc OK\r\ncontent-length: 2\r\n\r\n{}"),
  "status-099": raw("HTTP/1.1 099 OK\r\ncontent-length: 2\r\n\r\n{}"),
  "status-1000": raw("HTTP/1.1 1000 OK\r\ncontent-length: 2\r\n\r\n{}"),
  "large-header": plain(`x: ${"x".repeat(20_000)}\r\ncontent-length: 2`),
  "endless-headers": endlessly("HTTP/1.1 200 OK\r\n", `x: ${"x".repeat(1000)}\r\n`),
  "nul-in-header": plain("x: a\u0000b\r\ncontent-length: 2"),
  "folded-header": plain("x: a\r\n b\r\ncontent-length: 2"),
  "space-before-colon": plain("x : a\r\ncontent-length: 2"),
  "early-hints": raw(
    "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
  ),
  "switching": raw("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
  "continue": raw(continued + okText),
  "continue-often": raw(continued.repeat(5) + "HTTP/1.1 103 Early Hints\r\n\r\n" + continued + okText),
  "continue-in-pieces": dripped(`\r\n${continued}HTTP/1.1 199 X\r\nx: y\r\n\r\n${okText}`),
  "continue-closing": raw(
    `HTTP/1.0 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\nconnection: close\r\ncontent-length: 5\r\n\r\n${okText}`
  ),
  "continue-missing": raw(`${continued}HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\nno`),
  "continue-for-ever": both(raw(continued), every(20, continued)),
  // A body announced where there is none.
  "no-content-length": raw("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"),
  "no-content-chunked": raw("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"),
  "no-content-large": raw("HTTP/1.1 204 No Content\r\ncontent-length: 9999999999\r\n\r\n"),
  "no-content-body": (socket) => {
    socket.write("HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n")
    setImmediate(() => socket.write("{\"a\":"))
  },
  "not-modified-length": raw("HTTP/1.1 304 Not Modified\r\nCONTENT-LENGTH: 300\r\n\r\n"),
  "not-modified-chunked": raw("HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n"),
  "not-modified-in-pieces": dripped("HTTP/1.1 304 Not Modified\r\ncontent-length: 300\r\n\r\n"),
  "not-modified-body": raw("HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n{\"a\":1}"),
  "not-modified-body-late": (socket) => {
    socket.write("HTTP/1.1 304 Not Modified\r\ncontent-length: 7\r\n\r\n")
    setTimeout(() => socket.write("{\"a\":1}"), 2)
  },
  "interim-length": raw(
    `HTTP/1.1 103 Early Hints\r\ncontent-length: 5\r\n\r\nHTTP/1.1 102 Processing\r\ntransfer-encoding: chunked\r\n\r\n${okText}`
  ),
  // What else is done to the body on its way.
  "transfer-gzip": transferred("gzip", gzip("{}")),
  "transfer-gzip-chunked": transferred("gzip, chunked", chunks(gzip("{}"))),
  "transfer-deflate-lines": transferred("Deflate\r\ntransfer-encoding: Chunked", chunks(Zlib.deflateSync("{}"))),
  "transfer-behind-chunks": transferred("chunked, gzip", gzip(chunks("{}"))),
  "transfer-chunks-elsewhere": transferred("chunked, identity", chunks("{}")),
  "transfer-chunked-with": transferred("chunked;q=1", chunks("{}")),
  "transfer-plain-claim": transferred("gzip, chunked", chunks("{}")),
  "transfer-identity": transferred("identity", "{}"),
  "transfer-identity-chunked": transferred("Identity, ChunkeD", chunks("{}")),
  "transfer-twice-chunked": transferred("chunked\r\ntransfer-encoding: chunked", chunks("{}")),
  "transfer-identity-reset": rawThenReset("HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\n\r\n{\"a\":1}"),
  "transfer-gzip-busy": raw("HTTP/1.1 503 Unavailable\r\ntransfer-encoding: gzip\r\n\r\n\u001f\u008b"),
  // The length of the body.
  "announced-large": raw(head("200 OK", { "content-length": 2 ** 21 })),
  "cut-fin": rawThenEnd(cut),
  "cut-close": rawThenClose(cut),
  "cut-reset": rawThenReset(cut),
  "long": plain("content-length: 3", "{\"a\":1}"),
  "two-lengths": plain("content-length: 2\r\ncontent-length: 3"),
  "same-length-twice": plain("content-length: 2\r\ncontent-length: 2"),
  "length-and-chunked": plain("content-length: 2\r\ntransfer-encoding: chunked", "2\r\n{}\r\n0\r\n\r\n"),
  "length-negative": plain("content-length: -2"),
  "length-huge": plain("content-length: 99999999999999999999"),
  "chunked": raw(`${chunkedHead}5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n`),
  "chunked-fin": rawThenEnd(chunkedCut),
  "chunked-close": rawThenClose(chunkedCut),
  "chunked-reset": rawThenReset(chunkedCut),
  "chunked-bad": raw(`${chunkedHead}zz\r\n{}\r\n0\r\n\r\n`),
  "chunked-huge": raw(`${chunkedHead}fffffffffffffffff\r\n{}`),
  "close-delimited": rawThenEnd(`${closeHead}{"a":1}`),
  "close-cut": rawThenEnd(`${closeHead}{"a":`),
  "close-reset": rawThenReset(`${closeHead}{"a":1}`),
  "endless": endlessly(head("200 OK", { "transfer-encoding": "chunked" }), `10000\r\n${"x".repeat(0x10000)}\r\n`),
  // The status.
  "no-content": raw("HTTP/1.1 204 No Content\r\n\r\n"),
  "reset-content": raw("HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n"),
  "empty": (socket) => answer(socket, ""),
  "not-modified": raw("HTTP/1.1 304 Not Modified\r\n\r\n"),
  "not-found": (socket) => answer(socket, "x".repeat(300_000), { status: "404 Not Found" }),
  "broken": (socket) => answer(socket, "x".repeat(300_000), { status: "500 Internal Server Error" }),
  "busy-once": busyOnce(0),
  "busy-second": busyOnce(1),
  "busy-long": (socket) => answer(socket, "busy", { status: "503 Unavailable", headers: { "retry-after": 61 } }),
  "redirect": redirect("/ok/redirected"),
  "redirect-loop": redirect("/redirect-loop/x"),
  "redirect-further": (socket, path) => redirect(`${path}x`)(socket, path, 1),
  "redirect-bad": redirect("http://[bad"),
  "redirect-file": redirect("file:///etc/passwd"),
  "redirect-utf8": redirectLines(utf8("/ok/caf\u00e9/\uc548\ub155?q=\u00fc")),
  "redirect-latin1": redirectLines("/ok/caf\u00e9?q=\u00fc"),
  // Digits as wide as ideographs: a name that is an address in the end.
  "redirect-idn": (socket) =>
    redirectLines(utf8(`//\uff11\uff12\uff17\u30020.0.1:${socket.localPort}/ok/\u00e9`))(socket, "", 1),
  "redirect-idn-latin1": redirectLines("http://b\u00fccher.example/"),
  "redirect-empty": redirectLines(""),
  "redirect-same-twice": redirectLines("/ok/a,b", "/ok/a,b"),
  "redirect-two": redirectLines("/ok/a", "/ok/b"),
  "redirect-self": (socket, path, count) => (count === 1 ? redirect(path) : ok)(socket, path, count),
  "redirect-back": (socket, path, count) => (count === 1 ? redirect(backFrom + path) : ok)(socket, path, count),
  "redirect-from": (socket, path) => redirect(path.slice(backFrom.length))(socket, path, 1),
  "busy-same-twice": busyLines(61, 61),
  "busy-two": busyLines(0, 62),
  // The encoding of the body.
  "gzip": encoded(gzip, "gzip"),
  "deflate": encoded((body) => Zlib.deflateSync(body), "deflate"),
  "deflate-raw": encoded((body) => Zlib.deflateRawSync(body), "deflate"),
  "br": encoded((body) => Zlib.brotliCompressSync(body), "br"),
  "gzip-br": encoded((body) => Zlib.brotliCompressSync(gzip(body)), "gzip, br"),
  "gzip-bomb": once(() => gzip(Buffer.alloc(50 * 1024 * 1024)), { "content-encoding": "gzip" }),
  "gzip-cut": encoded((body) => gzip(body).subarray(0, 20), "gzip"),
  "gzip-corrupt": encoded((body) => gzip(body).fill(7, 12, 24), "gzip"),
  "gzip-not": encoded((body) => Buffer.from(body), "gzip"),
  "gzip-br-lines": (socket, path) =>
    socket.write(
      lines("200 OK", "Content-Encoding: gzip", "content-encoding: br")(
        Zlib.brotliCompressSync(gzip(JSON.stringify({ path })))
      )
    ),
  "gzip-gzip-lines": (socket, path) =>
    socket.write(
      lines("200 OK", "content-encoding: gzip", "x: y", "content-encoding: gzip")(gzip(gzip(JSON.stringify({ path }))))
    ),
  "x-gzip": encoded(gzip, "X-GZip"),
  "unknown-encoding": encoded((body) => Buffer.from(body), "snappy"),
  "unknown-encodings": encoded((body) => Buffer.from(body), "aws-chunked, none, utf-8, a, b, c, , identity"),
  "unknown-among-known": encoded(gzip, "aws-chunked, gzip"),
  "unknown-and-coded": encoded((body) => gzip(body).fill(7, 0, 4), "snappy"),
  "unknown-over-known": encoded((body) => gzip(body).fill(7, 0, 4), "gzip, snappy"),
  "eight-encodings": encoded(
    (body) => Array.from({ length: 8 }).reduce((inner: Uint8Array) => gzip(inner), Buffer.from(body)),
    Array(8).fill("gzip").join(", ")
  ),
  // The body as text and as JSON.
  "not-utf8": (socket) => answer(socket, Buffer.from([0x22, 0xff, 0xfe, 0x22])),
  "utf16": (socket) => answer(socket, Buffer.from("\uFEFF{\"a\":1}", "utf16le")),
  "html": (socket) => answer(socket, "<html><body>no</body></html>"),
  "bom": (socket) => answer(socket, "\uFEFF{}"),
  "proto": (socket) => answer(socket, "{\"__proto__\":{\"polluted\":1},\"a\":1}"),
  "deep": once(() => Buffer.from("[".repeat(100_000) + "]".repeat(100_000)))
} satisfies Readonly<Record<string, Behaviour>>
