/**
 * The servers of a benchmark, in processes of their own: nginx where it is
 * present, else Node. A Node server is there in any case, for the answers that
 * are late by intention. Their scope owns the processes and their files.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { BenchError } from "./BenchError.js"
import * as Certificate from "./Certificate.js"
import * as NginxServer from "./NginxServer.js"
import * as NodeServer from "./NodeServer.js"

/** One server. */
export interface Server {
  /** What it is, with its version. */
  readonly name: string
  /** Fifty origins, all the same server. */
  readonly origins: ReadonlyArray<string>
  /** The same over TLS, where a certificate could be made. */
  readonly tlsOrigin: string | undefined
  /** Requests answered so far. */
  readonly requests: Effect.Effect<number, BenchError>
  /** The CPU it has used so far, in microseconds, where the system tells. */
  readonly cpuMicros: Effect.Effect<number | undefined, BenchError>
}

export interface Servers {
  readonly main: Server
  /** Answers late. */
  readonly delaying: Server
  /** The authority that signed the certificate, as a file. */
  readonly ca: string | undefined
}

const originCount = 50

export const make = (folder: string): Effect.Effect<Servers, BenchError, Scope.Scope> =>
  Effect.gen(function*() {
    const certificate = yield* Certificate.make(folder)
    const delaying = yield* NodeServer.make({ originCount, certificate })
    const nginx = yield* NginxServer.version
    const main = nginx === undefined
      ? yield* NodeServer.make({ originCount, certificate })
      : yield* NginxServer.make({ folder, version: nginx, originCount, certificate, delaying: delaying.origins[0]! })
    return { main, delaying, ca: certificate?.cert }
  })
