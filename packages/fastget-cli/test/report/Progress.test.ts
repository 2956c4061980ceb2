/** The live display on a terminal is tested in Terminal.test.ts. */
import { expect, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import * as Progress from "../../src/report/Progress.js"
import * as RunStatistics from "../../src/stats/RunStatistics.js"

/** What is written on stderr meanwhile. */
const written = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const texts: Array<string> = []
    const write = process.stderr.write.bind(process.stderr)
    process.stderr.write = (text) => {
      texts.push(String(text))
      return true
    }
    return Effect.as(effect, texts).pipe(Effect.ensuring(Effect.sync(() => {
      process.stderr.write = write
    })))
  })

const shown = (quiet: boolean) =>
  written(Effect.gen(function*() {
    const progress = Progress.make({ quiet, isTerminal: false })
    yield* progress.show(RunStatistics.make())
    progress.say("hello")
    yield* TestClock.adjust("25 seconds")
  }))

it.scoped("says a line every ten seconds where there is no terminal", () =>
  Effect.gen(function*() {
    const line = expect.stringMatching(/^fastget: 0 done, total not known.*\n$/)
    expect(yield* shown(false)).toEqual(["hello\n", line, line])
  }))

it.scoped("says nothing where it is to be quiet", () =>
  Effect.gen(function*() {
    expect(yield* shown(true)).toEqual([])
  }))
