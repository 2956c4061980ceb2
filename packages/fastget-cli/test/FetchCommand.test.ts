/** What a run over a cluster can't be given. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { fastget } from "./support/Process.js"

const secret = "s3cret-word"

/** Without the number of threads that other tests have, which a run over a cluster refuses. */
const ofRun = { FASTGET_NUM_WORKERS: undefined }

const nobody = `postgres://fastget:${secret}@127.0.0.1:1/none`

type Row = readonly [args: ReadonlyArray<string>, env: Readonly<Record<string, string>>, message: string]

const rows: ReadonlyArray<Row> = [
  [["--cluster", nobody, "--rate", "10/s"], {}, "--rate belongs to the runners"],
  [["--cluster", nobody, "--connections-per-origin", "8"], {}, "--connections-per-origin belongs to the runners"],
  [["--cluster", nobody, "--concurrency", "adaptive"], {}, "--concurrency belongs to the runners"],
  [["--cluster", nobody, "--dns-ttl", "1s"], {}, "--dns-ttl belongs to the runners"],
  [["--cluster", nobody], { FASTGET_NUM_WORKERS: "2" }, "FASTGET_NUM_WORKERS belongs to the runners"],
  [["--cluster", nobody, "--lanes", "65"], {}, "--lanes takes a whole number from 1 to 64"],
  [["--cluster", nobody, "--runner-timeout", "soon"], {}, "--runner-timeout takes a duration"],
  [["--cluster", `mysql://u:${secret}@h/d`], {}, "--cluster takes the URL of a Postgres database"],
  [[], { FASTGET_CLUSTER: `no url ${secret}` }, "FASTGET_CLUSTER takes the URL of a Postgres database"],
  [["--lanes", "2"], {}, "--lanes needs --cluster"]
]

describe("a run over a cluster", () => {
  it.scopedLive.each(rows)("is refused as %j with %j", ([args, env, message]) =>
    Effect.gen(function*() {
      const { code, stderr } = yield* fastget(args, { stdin: "http://127.0.0.1:1/\n", env: { ...ofRun, ...env } })
      expect(stderr).toContain(message)
      expect(stderr).not.toContain(secret)
      expect(code).toBe(2)
    }), 30_000)
})
