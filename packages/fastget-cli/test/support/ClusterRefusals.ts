/** Tests of what a run over a cluster and a runner can't be given: it is refused by name, and no password is shown. */
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { fastget } from "./Process.js"

export const secret = "s3cret-word"

/** A database that nobody listens at. */
export const nobody = `postgres://fastget:${secret}@127.0.0.1:1/none`

/** Without the number of threads that other tests have, which a run over a cluster refuses. */
export const ofRun = { FASTGET_NUM_WORKERS: undefined }

type Row = readonly [args: ReadonlyArray<string>, env: Readonly<Record<string, string>>, message: string]

/** A test for each row. */
export const refuses = (rows: ReadonlyArray<Row>): void =>
  it.scopedLive.each(rows)("is refused as %j with %j", ([args, env, message]) =>
    Effect.gen(function*() {
      const { code, stderr } = yield* fastget(args, { stdin: "http://127.0.0.1:1/\n", env: { ...ofRun, ...env } })
      expect(stderr).toContain(message)
      expect(stderr).not.toContain(secret)
      expect(code).toBe(2)
    }), 30_000)
