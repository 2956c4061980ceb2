/** The clients of the scenario "limits", and which of its rows they can be made to do. */
import * as Effect from "effect/Effect"
import * as Child from "../Child.js"

export interface Client {
  readonly name: string
  readonly label: string
  /** Whether it is told the limit, so that it has no row where nobody knows it. */
  readonly isTold: boolean
  readonly command: Effect.Effect<ReadonlyArray<string> | undefined>
}

const file = (name: string): string => new URL(`../../dist/limits/clients/${name}.js`, import.meta.url).pathname

const node = (name: string, label: string, isTold = false): Client => ({
  name,
  label,
  isTold,
  command: Effect.succeed([process.execPath, file(name)])
})

export const fastget = node("fastget", "FastGet")

export const rivals: ReadonlyArray<Client> = [
  node("got-p-queue", "got + p-queue, told the limit", true),
  node("undici-bottleneck", "undici + Bottleneck, told the limit", true),
  node("undici-retry", "undici, `RetryAgent`"),
  {
    ...node("curl", "`curl -Z --retry 20`"),
    command: Child.run("curl", ["--version"], 10_000).pipe(
      Effect.as([process.execPath, file("curl")]),
      Effect.orElseSucceed(() => undefined)
    )
  }
]

export const all: ReadonlyArray<Client> = [fastget, ...rivals]
