/** Runs over a cluster and a runner, as processes, with a real Postgres: what comes out, and how they end. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer, Postgres } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { ofRun, secret } from "../support/ClusterRefusals.js"
import { fastget, folder, lines, start, startFastget } from "../support/Process.js"

/** The address of a database with a password, which it does not ask for. */
const database = Effect.map(Postgres.make, ({ url }) => url.replace("fastget@", `fastget:${secret}@`))

/** When a process has said something on stderr. */
const said = ({ child, stderr }: Effect.Effect.Success<ReturnType<typeof start>>, text: string): Effect.Effect<void> =>
  Effect.async((resume) => {
    const look = () => {
      if (!stderr().includes(text)) return
      child.stderr?.off("data", look)
      resume(Effect.void)
    }
    child.stderr?.on("data", look)
    look()
  })

const runner = (url: string, ...flags: ReadonlyArray<string>) =>
  Effect.tap(
    startFastget(["runner", "--host", "127.0.0.1", ...flags], { env: { FASTGET_CLUSTER: url } }),
    (runner) => said(runner, "joined")
  )

describe.skipIf(Postgres.isMissing)("over a cluster", () => {
  it.scopedLive(
    "a file is fetched by a runner, which leaves by a signal; nobody shows the password",
    () =>
      Effect.gen(function*() {
        const path = yield* folder
        const url = yield* database
        const server = yield* LoopbackServer.make()
        const one = yield* runner(url, "--rate", "1000/s")
        const input = Path.join(path, "urls.txt")
        const names = ["out.ndjson", "summary.json", "report.html"]
        const [output = "", summary = "", report = ""] = names.map((name) => Path.join(path, name))
        Fs.writeFileSync(input, Array.from({ length: 200 }, (_, n) => `${server.url}/${n}\n`).join(""))
        const args = [input, "-o", output, "--summary", summary, "--report", report, "--cluster", url, "--verbose"]
        const run = yield* fastget(args, { env: ofRun })
        expect({ code: run.code, stderr: run.code === 0 ? "" : run.stderr }).toEqual({ code: 0, stderr: "" })
        expect(lines(Fs.readFileSync(output, "utf8")).filter(({ ok }) => ok).length).toBe(200)
        expect(server.requests()).toBe(200)
        const preview = yield* fastget([input, "--dry-run", "--cluster", url], { env: ofRun })
        const { settings } = JSON.parse(Fs.readFileSync(summary, "utf8")) as { readonly settings: object }
        expect(settings).toMatchObject({ timeout: "30.0 s", headers: "none" })
        expect(Object.keys(settings)).not.toContain("rate")
        expect(preview.stdout).not.toContain("  rate: ")
        expect(preview.stdout).toContain("Cluster: postgres://fastget:***@127.0.0.1:")
        one.child.kill("SIGTERM")
        const left = yield* one.ended
        expect(left.code).toBe(0)
        expect(left.stderr).toMatch(/joined postgres:\/\/fastget:\*\*\*@\S+ as 127\.0\.0\.1:\d+\n.*leaving/)
        const files = names.map((name) => Fs.readFileSync(Path.join(path, name), "utf8"))
        for (const text of [run.stdout, run.stderr, preview.stdout, left.stderr, ...files]) {
          expect(text).not.toContain(secret)
        }
      }),
    120_000
  )

  it.scopedLive("a run without a runner fails with exit code 3, and says so", () =>
    Effect.gen(function*() {
      const url = yield* database
      const run = yield* fastget(["--cluster", url, "--runner-timeout", "2s"], {
        stdin: "http://127.0.0.1:1/\n",
        env: ofRun
      })
      expect(run.code).toBe(3)
      expect(run.stderr).toContain("No runner of the cluster has answered for 2000 ms")
      expect(run.stderr).not.toContain(secret)
    }), 60_000)
})
