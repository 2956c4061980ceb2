/**
 * The flags of limits, by the command as a process: what it says of a file of
 * limits, and what the flags come to.
 */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fastget, folder } from "../support/Process.js"

/** Runs the command beside a file `limits.json`. */
const withLimits = (content: string, ...args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const cwd = yield* folder
    Fs.writeFileSync(Path.join(cwd, "limits.json"), content)
    return yield* fastget(["--limits", "limits.json", ...args], { cwd, stdin: "http://127.0.0.1:1/\n" })
  })

describe("--limits", () => {
  it.scopedLive(
    "names what is wrong in the file with its line: exit code 2 and one clear line",
    () =>
      Effect.gen(function*() {
        const cases: ReadonlyArray<readonly [content: string, message: string]> = [
          ["", "in line 1: an object is expected, { … }"],
          ["[]", "in line 1: an object is expected, { … }"],
          ["{\n  \"https://a\": { \"rate\": \"5/s\" },\n}", "in line 3: a name in quotes is expected, and not }"],
          ["{\n\n  \"https://a/b\": {}\n}", "in line 3: \"https://a/b\" is more than an origin, which is https://a"],
          [
            "{\"a\": {},\n\"b\": { \"rates\": \"5/s\" }}",
            "in line 2: \"b\" has no \"rates\", but rate and connections; perh"
          ],
          [
            "{\"a\":\n{ \"rate\": \"5\" }}",
            "in line 1: rate of \"a\" can't be so: a rate needs its time, 5/s or 5/min"
          ],
          ["{\"a\": {},\n\"a\": {}}", "in line 2: \"a\" is there twice"],
          ["{\"http://a\": {},\n\n\"HTTP://A:80/\": {}}", "in line 3: \"http://a\" and \"HTTP://A:80/\" are the same"],
          ["{\"a\": { \"connections\": \"8\" }}", "in line 1: connections of \"a\" are a whole number from 1 to 65535"]
        ]
        yield* Effect.forEach(cases, ([content, message]) =>
          Effect.map(withLimits(content), ({ code, stderr, stdout }) => {
            expect({ content, code, stdout }).toEqual({ content, code: 2, stdout: "" })
            expect(stderr).toContain(`--limits limits.json can't be read, ${message}`)
            expect(stderr.trimEnd().split("\n")).toHaveLength(1)
          }), { concurrency: 2 })
      }),
    60_000
  )

  it.scopedLive("is shown in a dry run, with the other limits and the options of the client", () =>
    Effect.gen(function*() {
      const limits = { "*.example.org": { connections: 2 }, "https://api.example.com": { rate: "5000/h" } }
      const flags = ["--rate", "100/s", "--burst", "10", "--throttle", "off", "--concurrency", "adaptive"]
      const { code, stdout } = yield* withLimits(JSON.stringify(limits), "--dry-run", "--dns-ttl", "1m", ...flags)
      expect(code).toBe(0)
      for (
        const setting of [
          "concurrency: adaptive",
          "rate: 100/s, bursts of 10",
          "throttle: off",
          "origins: https://api.example.com: 5000/h; *.example.org: 2 connections",
          "client.headersTimeout: none",
          "client.dnsTtl: 60000 ms",
          "client.proxyFromEnv: false",
          "client.tls.servername: none"
        ]
      ) {
        expect(stdout).toContain(`\n  ${setting}\n`)
      }
      const { stdout: later } = yield* withLimits("{}", "--dry-run", "--throttle", "2h")
      expect(later).toContain("\n  throttle: gives up after 2 h of refusals alone\n")
    }))

  it.scopedLive("is in the summary and the report of a run, with the options of the client", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      Fs.writeFileSync(Path.join(cwd, "limits.json"), "{\"a.example\":{\"connections\":3}}")
      const flags = ["--limits", "limits.json", "--summary", "summary.json", "--report", "report.html"]
      const env = { FASTGET_PASSPHRASE: "s3cret" }
      const { code } = yield* fastget(["-q", "--dns-ttl", "1m", ...flags], { cwd, env, stdin: "" })
      expect(code).toBe(0)
      const read = (name: string) => Fs.readFileSync(Path.join(cwd, name), "utf8")
      const settings = {
        "origins": "a.example: 3 connections",
        "client.dnsTtl": "1 min",
        "client.tls.passphrase": "given"
      }
      expect(JSON.parse(read("summary.json")).settings).toMatchObject(settings)
      for (const [name, value] of Object.entries(settings)) {
        expect(read("report.html")).toContain(`<th scope="row">${name}</th><td class="url">${value}</td>`)
      }
      expect(read("summary.json") + read("report.html")).not.toContain("s3cret")
    }))

  it.scopedLive("goes before FASTGET_ORIGINS, and is no file that the run writes", () =>
    Effect.gen(function*() {
      const cwd = yield* folder
      Fs.writeFileSync(Path.join(cwd, "limits.json"), "{}")
      const env = { FASTGET_ORIGINS: "{\"a.example\":{\"connections\":3}}" }
      const options = { cwd, env, stdin: "http://127.0.0.1:1/\n" }
      expect((yield* fastget(["--dry-run"], options)).stdout).toContain("\n  origins: a.example: 3 connections\n")
      const given = yield* fastget(["--dry-run", "--limits", "limits.json"], options)
      expect(given.stdout).toContain("\n  origins: none\n")
      const same = yield* fastget(["--limits", "limits.json", "-o", "limits.json", "--overwrite"], options)
      expect(same).toMatchObject({ code: 2, stdout: "" })
      expect(same.stderr).toContain("--limits limits.json and --output limits.json are the same file")
    }))
})
