/** `fastget job` with a runner, as processes, with a real Postgres. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer, Postgres } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { ofRun } from "../support/ClusterRefusals.js"
import { fastget, folder, lines, startFastget } from "../support/Process.js"

describe.skipIf(Postgres.isMissing)("fastget job", () => {
  it.scopedLive(
    "stores an input, has it fetched, and prints results; a bad row is a failure",
    () =>
      Effect.gen(function*() {
        const path = yield* folder
        const { url } = yield* Postgres.make
        const env = { ...ofRun, FASTGET_CLUSTER: url }
        const job = (...words: ReadonlyArray<string>) => fastget(["job", ...words], { env })
        const server = yield* LoopbackServer.make()
        const input = Path.join(path, "urls.ndjson")
        const rows = Array.from({ length: 200 }, (_, n) => JSON.stringify({ id: n, url: `${server.url}/${n}` }))
        Fs.writeFileSync(input, [...rows, "[]", ""].join("\n"))
        const started = yield* job("start", "one", input, "--timeout", "5s", "--chunk-size", "50")
        expect([started.stderr, JSON.parse(started.stdout)]).toMatchObject(["", { job: "one", entries: 201 }])
        yield* startFastget(["runner", "--host", "127.0.0.1"], { env: { FASTGET_CLUSTER: url } })
        const waited = yield* job("wait", "one")
        expect([waited.code, JSON.parse(waited.stdout)]).toMatchObject([1, {
          state: "done",
          succeeded: 200,
          failed: 1
        }])
        const results = lines((yield* job("results", "one")).stdout)
        expect(results.map(({ id, ok }) => [id, ok])).toEqual([...rows.map((_, n) => [n, true]), [null, false]])
        expect(results[200]).toMatchObject({
          url: expect.stringContaining("line 201"),
          error: { reason: "InvalidUrl" }
        })
        expect(JSON.parse((yield* job("list")).stdout)).toMatchObject({ job: "one", state: "done" })
        expect((yield* job("remove", "one")).code).toBe(0)
        expect(yield* job("cancel", "one")).toMatchObject({
          code: 2,
          stderr: "fastget: Job \"one\": there is no such job\n"
        })
      }),
    120_000
  )
})
