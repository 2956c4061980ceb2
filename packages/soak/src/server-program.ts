/**
 * The program of the server: raw TCP, so that it can misbehave, and quick.
 * Answers `/KIND/ID` as `Kind` says, and counts what was asked for. It is asked
 * by messages, and ends when who started it does.
 */
import * as Net from "node:net"
import * as Zlib from "node:zlib"
import type { Kind } from "./Kind.js"
import { padding } from "./Kind.js"
import type { Status } from "./Server.js"

/** Requests for each id, up to 255. */
const asked = new Uint8Array(Number(process.argv[2]))
const sockets = new Set<Net.Socket>()
let requests = 0

const slowMillis = 50

/** Answers the request for an id, the `count`th. */
type Answer = (socket: Net.Socket, id: string, count: number) => void

const head = (status: string, length: number, more = ""): string =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${more}content-length: ${length}\r\n\r\n`

const text = (status: string, body: string, more = ""): string => head(status, body.length, more) + body

const ok: Answer = (socket, id) => void socket.write(text("200 OK", `{"id":${id}}`))

const once = (first: Answer): Answer => (socket, id, count) => (count === 1 ? first : ok)(socket, id, count)

const zipped = (change: (bytes: Buffer) => Buffer): Answer => (socket, id) => {
  const body = change(Zlib.gzipSync(`{"id":${id}}`))
  socket.write(Buffer.concat([Buffer.from(head("200 OK", body.length, "content-encoding: gzip\r\n")), body]))
}

const reset: Answer = (socket) => void socket.resetAndDestroy()

const answers: Readonly<Record<Kind, Answer>> = {
  "ok": ok,
  "busy-once": once((socket) => socket.write(text("503 Service Unavailable", "busy"))),
  "reset-once": once(reset),
  "silent-once": once(() => {}),
  "reset": reset,
  "truncated": (socket, id) => void socket.end(`${head("200 OK", 100)}{"id":${id}}`),
  "cut": (socket, id) => void socket.end(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"id"\r\n${id}`),
  "slow": (socket, id, count) => void setTimeout(ok, slowMillis, socket, id, count),
  "redirect": (socket, id) => void socket.write(text("302 Found", "", `location: /ok/${id}\r\n`)),
  "bad-json": (socket, id) => void socket.write(text("200 OK", `{"id":${id}`)),
  "not-found": (socket) => void socket.write(text("404 Not Found", "gone")),
  "gzip": zipped((bytes) => bytes),
  "gzip-corrupt": zipped((bytes) => bytes.fill(7, 10, 18)),
  "empty": (socket) => void socket.write("HTTP/1.1 204 No Content\r\n\r\n"),
  "large": (socket, id) => void socket.write(text("200 OK", `{"padding":"${padding}","id":${id}}`))
}

/** Answers one request, of which the first line is all that matters. */
const serve = (socket: Net.Socket, request: string): void => {
  requests++
  const [, kind = "", id = ""] = request.slice(4, request.indexOf(" ", 4)).split("/")
  const index = Number(id)
  asked[index] = Math.min(255, asked[index]! + 1)
  answers[kind as Kind](socket, id, asked[index])
}

const onConnection = (socket: Net.Socket): void => {
  sockets.add(socket)
  socket.once("close", () => sockets.delete(socket))
  // Terminated workers reset their connections.
  socket.on("error", () => {})
  let request = ""
  socket.on("data", (part) => {
    request += part.toString("latin1")
    if (!request.endsWith("\r\n\r\n")) return
    const whole = request
    request = ""
    serve(socket, whole)
  })
}

const server = Net.createServer({ noDelay: true }, onConnection)

const tell = (): void => {
  const status: Status = {
    port: (server.address() as Net.AddressInfo).port,
    requests,
    ids: asked.reduce((ids, count) => ids + Math.min(1, count), 0),
    sockets: sockets.size
  }
  process.send!(status)
}

process.on("message", tell)
process.on("disconnect", () => process.exit())
server.listen(0, "127.0.0.1", 4096, tell)
