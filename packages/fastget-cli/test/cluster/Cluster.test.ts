/** Runs over a cluster and runners, as processes, with a real Postgres: what comes out, what is refused, how they end. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { LoopbackServer, Postgres } from "loopback"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fastget, folder, lines, start, startFastget } from "../support/Process.js"

const secret = "s3cret-word"

/** Without the number of threads that other tests have, which a run over a cluster refuses. */
const ofRun = { FASTGET_NUM_WORKERS: undefined }

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
        expect(run.code, run.stderr).toBe(0)
        expect(lines(Fs.readFileSync(output, "utf8")).filter(({ ok }) => ok).length).toBe(200)
        expect(server.requests()).toBe(200)
        const preview = yield* fastget([input, "--dry-run", "--cluster", url], { env: ofRun })
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

describe("a cluster that can't be", () => {
  const nobody = `postgres://fastget:${secret}@127.0.0.1:1/none`

  it.scopedLive("ends a run and a runner with exit code 3, without the password", () =>
    Effect.gen(function*() {
      const run = yield* fastget(["--cluster", nobody], { stdin: "http://127.0.0.1:1/\n", env: ofRun })
      const runner = yield* fastget(["runner", "--cluster", nobody, "--host", "127.0.0.1"])
      for (const { code, stderr } of [run, runner]) {
        expect(stderr).toContain("The database of the cluster can't be used")
        expect(stderr).not.toContain(secret)
        expect(code).toBe(3)
      }
    }), 60_000)

  it.scopedLive.each([
    [["--cluster", nobody, "--rate", "10/s"], {}, "--rate belongs to the runners"],
    [["--cluster", nobody, "--connections-per-origin", "8"], {}, "--connections-per-origin belongs to the runners"],
    [["--cluster", nobody, "--concurrency", "adaptive"], {}, "--concurrency belongs to the runners"],
    [["--cluster", nobody, "--dns-ttl", "1s"], {}, "--dns-ttl belongs to the runners"],
    [["--cluster", nobody], { FASTGET_NUM_WORKERS: "2" }, "FASTGET_NUM_WORKERS belongs to the runners"],
    [["--cluster", nobody, "--lanes", "65"], {}, "--lanes takes a whole number from 1 to 64"],
    [["--cluster", nobody, "--runner-timeout", "soon"], {}, "--runner-timeout takes a duration"],
    [["--cluster", `mysql://u:${secret}@h/d`], {}, "--cluster takes the URL of a Postgres database"],
    [[], { FASTGET_CLUSTER: `no url ${secret}` }, "FASTGET_CLUSTER takes the URL of a Postgres database"],
    [["--lanes", "2"], {}, "--lanes needs --cluster"],
    [["runner"], {}, "fastget runner needs --cluster URL, or FASTGET_CLUSTER"],
    [["runner", "--cluster", nobody, "--port", "0"], {}, "--port takes a whole number from 1 to 65535"],
    [["runner", "--cluster", nobody, "--timeout", "1s"], {}, "There is no option --timeout"],
    [["runner", "--cluster", nobody], { FASTGET_TIMEOUT: "1s" }, "FASTGET_TIMEOUT belongs to the runs"],
    [["runner", "--cluster", nobody, "urls.txt"], {}, "fastget runner takes no input"]
  ])("refuses %j with %j", ([args, env, message]) =>
    Effect.gen(function*() {
      const { code, stderr } = yield* fastget(args, { stdin: "http://127.0.0.1:1/\n", env: { ...ofRun, ...env } })
      expect(stderr).toContain(message)
      expect(stderr).not.toContain(secret)
      expect(code).toBe(2)
    }), 30_000)
})
