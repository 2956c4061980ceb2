import { expect, it } from "@effect/vitest"
import { Console, Effect } from "effect"
import * as PlainConsole from "../../src/flags/PlainConsole.js"

it.effect("leaves out colours where no terminal shows them, and empty lines at the end", () =>
  Effect.gen(function*() {
    const written: Array<string> = []
    const write = process.stdout.write.bind(process.stdout)
    const isTTY = process.stdout.isTTY
    process.stdout.isTTY = false
    process.stdout.write = ((text: string, done: () => void) => {
      written.push(text)
      done()
      return true
    }) as typeof process.stdout.write
    yield* Effect.ensuring(
      Effect.withConsole(Console.log("\u001b[1mbold\u001b[0m\n\n"), PlainConsole.make),
      Effect.sync(() => {
        process.stdout.write = write
        process.stdout.isTTY = isTTY
      })
    )
    expect(written).toEqual(["bold\n"])
  }))
