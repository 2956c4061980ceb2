/**
 * The program of the Node server: answers like the nginx of the benchmark, and
 * late where the path says so. Ends when the benchmark does.
 */
import { readFileSync } from "node:fs"
import type { RequestListener, Server } from "node:http"
import * as Http from "node:http"
import * as Https from "node:https"
import type { AddressInfo } from "node:net"
import * as Bodies from "./Bodies.js"
import type { Options, Status } from "./NodeServer.js"
import { slowSuffix } from "./Task.js"

const { certificate, originCount }: Options = JSON.parse(process.argv[2]!)
const files = Bodies.files()
const tiny = Buffer.from(Bodies.tiny)
const bodies: Readonly<Record<string, Buffer>> = {
  "10kb": files.get("10kb.json")!,
  "1mb": files.get("1mb.json")!,
  gzip10kb: files.get("10kb.json.gz")!
}
let requests = 0

const delay = (segment: string, path: string): number => {
  if (segment === "latency50") return 50
  return segment === "slow" && path.endsWith(slowSuffix) ? 5000 : 0
}

const answer: RequestListener = (request, response) => {
  requests++
  const path = request.url!
  const segment = path.slice(1, path.indexOf("/", 1))
  const body = bodies[segment] ?? tiny
  const send = () => {
    response.writeHead(200, {
      "content-type": "application/json",
      "content-length": body.length,
      ...(segment === "gzip10kb" ? { "content-encoding": "gzip" } : undefined)
    })
    response.end(body)
  }
  const millis = delay(segment, path)
  if (millis === 0) send()
  else setTimeout(send, millis)
}

const listen = (server: Server): Promise<number> => {
  server.keepAliveTimeout = 300_000
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", 4096, () => resolve((server.address() as AddressInfo).port))
  )
}

const ports = await Promise.all(Array.from({ length: originCount }, () => listen(Http.createServer(answer))))
const tlsPort = certificate === undefined ? undefined : await listen(
  Https.createServer({ cert: readFileSync(certificate.cert), key: readFileSync(certificate.key) }, answer)
)

const tell = (): void => {
  const { system, user } = process.cpuUsage()
  const status: Status = { ports, tlsPort, requests, cpuMicros: system + user }
  process.send!(status)
}
process.on("message", tell)
process.on("disconnect", () => process.exit())
tell()
