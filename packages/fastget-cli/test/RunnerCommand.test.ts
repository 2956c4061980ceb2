/** What a runner can't be given. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { fastget } from "./support/Process.js"

const secret = "s3cret-word"

/** Without the number of threads that other tests have, which a run over a cluster refuses. */
const ofRun = { FASTGET_NUM_WORKERS: undefined }

const nobody = `postgres://fastget:${secret}@127.0.0.1:1/none`

type Row = readonly [args: ReadonlyArray<string>, env: Readonly<Record<string, string>>, message: string]

const rows: ReadonlyArray<Row> = [
  [["runner"], {}, "fastget runner needs --cluster URL, or FASTGET_CLUSTER"],
  [["runner", "--cluster", nobody, "--port", "0"], {}, "--port takes a whole number from 1 to 65535"],
  [["runner", "--cluster", nobody, "--timeout", "1s"], {}, "There is no option --timeout"],
  [["runner", "--cluster", nobody], { FASTGET_TIMEOUT: "1s" }, "FASTGET_TIMEOUT belongs to the runs"],
  [["runner", "--cluster", nobody, "urls.txt"], {}, "fastget runner takes no input"]
]

describe("a runner", () => {
  it.scopedLive.each(rows)("is refused as %j with %j", ([args, env, message]) =>
    Effect.gen(function*() {
      const { code, stderr } = yield* fastget(args, { stdin: "http://127.0.0.1:1/\n", env: { ...ofRun, ...env } })
      expect(stderr).toContain(message)
      expect(stderr).not.toContain(secret)
      expect(code).toBe(2)
    }), 30_000)
})
