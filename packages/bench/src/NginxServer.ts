/**
 * nginx with a configuration of its own, in the foreground, on free ports, with
 * all its files in one folder. It counts by `stub_status`.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs/promises"
import * as Net from "node:net"
import { BenchError } from "./BenchError.js"
import * as Bodies from "./Bodies.js"
import type { Certificate } from "./Certificate.js"
import * as Child from "./Child.js"
import type { Server } from "./Server.js"
import { slowSuffix } from "./Task.js"

export interface Options {
  readonly folder: string
  readonly version: string
  readonly originCount: number
  readonly certificate: Certificate | undefined
  /** The origin that slow requests are passed to. */
  readonly delaying: string
}

/** nginx's version; undefined where there is none that can be started. */
export const version: Effect.Effect<string | undefined> = Effect.scoped(Effect.gen(function*() {
  const child = yield* Child.start("nginx", ["-v"])
  yield* child.ended
  return /nginx\/([\d.]+)/.exec(child.output().stderr)?.[1]
})).pipe(Effect.orElseSucceed(() => undefined))

export const make = (options: Options): Effect.Effect<Server, BenchError, Scope.Scope> =>
  // A free port may be someone else's a moment later.
  Effect.retry(attempt(options), { times: 3 })

const attempt = ({ certificate, delaying, folder, originCount, version }: Options) =>
  Effect.gen(function*() {
    const ports = yield* freePorts(originCount + 1)
    const tlsPort = ports[originCount]!
    const plain = ports.slice(0, originCount)
    yield* writeFiles(folder, configuration({ ports: plain, tlsPort, certificate, delaying }))
    const child = yield* Child.start("nginx", ["-p", folder, "-c", `${folder}/nginx.conf`])
    const status = `http://127.0.0.1:${plain[0]}/status`
    yield* Effect.raceFirst(
      Effect.retry(readStatus(status), Schedule.intersect(Schedule.spaced(20), Schedule.recurs(250))),
      Effect.flatMap(child.ended, () => new BenchError({ message: `nginx ended: ${child.output().stderr}` }))
    )
    // The questions for the count are requests, too.
    let asked = yield* readStatus(status)
    return {
      name: `nginx ${version}`,
      origins: plain.map((port) => `http://127.0.0.1:${port}`),
      tlsOrigin: certificate === undefined ? undefined : `https://127.0.0.1:${tlsPort}`,
      requests: Effect.map(readStatus(status), (requests) => requests - ++asked),
      cpuMicros: cpuOfChildren(child.process.pid!)
    }
  })

/** Ports that are free right now. */
const freePorts = (count: number): Effect.Effect<ReadonlyArray<number>> =>
  Effect.scoped(Effect.forEach(Array.from({ length: count }), () =>
    Effect.map(
      Effect.acquireRelease(
        Effect.async<Net.Server>((resume) => {
          const server = Net.createServer().listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) =>
          Effect.async<void>((resume) => {
            server.close(() => resume(Effect.void))
          })
      ),
      (server) => (server.address() as Net.AddressInfo).port
    )))

const writeFiles = (folder: string, nginxConf: string) =>
  Effect.tryPromise({
    try: async () => {
      await Fs.mkdir(`${folder}/data`, { recursive: true })
      await Promise.all([...Bodies.files()].map(([name, body]) => Fs.writeFile(`${folder}/data/${name}`, body)))
      await Fs.writeFile(`${folder}/nginx.conf`, nginxConf)
    },
    catch: (error) => new BenchError({ message: `nginx's files can't be written: ${String(error)}` })
  })

interface Places extends Pick<Options, "certificate" | "delaying"> {
  readonly ports: ReadonlyArray<number>
  readonly tlsPort: number
}

/** One worker: on the two cores of the comparison the server shall not take more than one. */
const configuration = ({ certificate, delaying, ports, tlsPort }: Places): string => `
${process.getuid?.() === 0 ? "user root;" : ""}
daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid nginx.pid;
error_log stderr error;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
  default_type application/json;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  open_file_cache max=100 inactive=1h;
  open_file_cache_valid 1h;
  upstream delaying { server ${new URL(delaying).host}; keepalive 64; }
  server {
    ${ports.map((port) => `listen 127.0.0.1:${port} backlog=4096;`).join("\n    ")}
    ${
  certificate === undefined
    ? ""
    : `listen 127.0.0.1:${tlsPort} ssl;
    ssl_certificate ${certificate.cert};
    ssl_certificate_key ${certificate.key};
    ssl_session_cache shared:tls:1m;`
}
    root data;
    location = /status { stub_status; }
    location ^~ /tiny/ { return 200 '${Bodies.tiny}'; }
    location ^~ /10kb/ { try_files /10kb.json =404; }
    location ^~ /1mb/ { try_files /1mb.json =404; }
    location ^~ /gzip10kb/ { add_header Content-Encoding gzip; try_files /10kb.json.gz =404; }
    location /slow/ {
      location ~ "${slowSuffix}$" {
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_pass http://delaying;
      }
      return 200 '${Bodies.tiny}';
    }
    # As many steps as for /slow/, and none of them slow.
    location /noslow/ {
      location ~ "none$" { return 404; }
      return 200 '${Bodies.tiny}';
    }
  }
}
`

/** All requests that nginx has begun to answer, this one included. */
const readStatus = (url: string): Effect.Effect<number, BenchError> =>
  Effect.tryPromise({
    try: async () => {
      const text = await (await fetch(url, { headers: { connection: "close" } })).text()
      const [, , requests] = /^ (\d+) (\d+) (\d+) $/m.exec(text)!.slice(1)
      return Number(requests)
    },
    catch: (error) => new BenchError({ message: `nginx does not tell its count: ${String(error)}` })
  })

/** Linux tells of running processes, in hundredths of a second; others do not. */
const cpuOfChildren = (pid: number): Effect.Effect<number | undefined> =>
  Effect.promise(async () => {
    const children = await Fs.readFile(`/proc/${pid}/task/${pid}/children`, "utf8")
    const stats = await Promise.all(
      children.trim().split(" ").map((child) => Fs.readFile(`/proc/${child}/stat`, "utf8"))
    )
    const ticks = stats.map((stat) => stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).map(Number))
    return ticks.flat().reduce((sum, tick) => sum + tick, 0) * 10_000
  }).pipe(Effect.catchAllDefect(() => Effect.succeed(undefined)))
