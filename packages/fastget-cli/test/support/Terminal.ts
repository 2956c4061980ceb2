/**
 * The built command on a pseudo-terminal of `script`, and what a person sees
 * there: the screen is that of a real terminal emulator (xterm's).
 */
import xterm from "@xterm/headless"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Ticks } from "loopback"
import { execFileSync, spawn, spawnSync } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Process from "./Process.js"

/** Only util-linux has the options that are used here. */
const isThere = spawnSync("script", ["--version"], { encoding: "utf8" }).stdout?.includes("util-linux") ?? false

/** Why tests with it are skipped; never in CI, where they fail without it. */
export const skipReason: string | undefined = isThere || process.env.CI !== undefined
  ? undefined
  : " (skipped: there is no script of util-linux)"

export interface Options {
  readonly cwd: string
  readonly columns?: number
  readonly rows?: number
  readonly env?: Readonly<Record<string, string>>
}

export interface Terminal {
  /** Everything that was written, with all escapes. */
  readonly written: () => string
  /** The lines of the screen and above it, without empty ones at the end. */
  readonly screen: Effect.Effect<ReadonlyArray<string>>
  readonly isCursorVisible: () => boolean
  readonly press: (keys: string) => void
  readonly resize: (columns: number, rows: number) => void
  /** The exit code. */
  readonly ended: Effect.Effect<number>
}

/** Node draws no colours where it finds one of these, and a person at a terminal has none of them. */
const colourless = ["CI", "NO_COLOR", "NODE_DISABLE_COLORS", "FORCE_COLOR"]

const atTerminal = (env: Options["env"]): Record<string, string | undefined> => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !colourless.includes(name))),
  SHELL: "/bin/sh",
  TERM: "xterm-256color",
  ...env
})

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** Starts `fastget` on a terminal; the scope ends it. */
export const fastget = (
  args: ReadonlyArray<string>,
  options: Options
): Effect.Effect<Terminal, never, Scope.Scope> => start(commandLine(args), options)

/** Starts a shell with job control on a terminal, for lines to be typed into; its prompt is `$ `. */
export const shell = (options: Options): Effect.Effect<Terminal, never, Scope.Scope> =>
  start("env PS1='$ ' bash --norc --noprofile -i", options)

/** A line for a shell. */
export const commandLine = (args: ReadonlyArray<string>): string =>
  [process.execPath, Process.bin, ...args].map(quote).join(" ")

const start = (
  command: string,
  { columns = 100, cwd, env, rows = 24 }: Options
): Effect.Effect<Terminal, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const device = Path.join(cwd, "tty")
        const child = spawn(
          "script",
          ["-qefc", `stty cols ${columns} rows ${rows}; tty >${quote(device)}; exec ${command}`, "/dev/null"],
          { cwd, env: atTerminal(env), stdio: "pipe" }
        )
        return { child, device }
      }),
      // Its end hangs up the terminal, and with it what runs there.
      ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
    ),
    ({ child, device }) => {
      const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 1000 })
      let written = ""
      child.stdout.setEncoding("utf8").on("data", (part: string) => {
        written += part
        emulator.write(part)
      })
      const ended = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)))
      return {
        written: () => written,
        screen: Effect.async<ReadonlyArray<string>>((resume) =>
          emulator.write("", () => resume(Effect.succeed(linesOf(emulator))))
        ),
        isCursorVisible: () => written.lastIndexOf("\u001B[?25h") >= written.lastIndexOf("\u001B[?25l"),
        press: (keys) => child.stdin.write(keys),
        resize: (columns, rows) => {
          emulator.resize(columns, rows)
          const path = Fs.readFileSync(device, "utf8").trim()
          execFileSync("stty", ["-F", path, "cols", String(columns), "rows", String(rows)])
        },
        ended: Effect.promise(() => ended)
      }
    }
  )

const linesOf = ({ buffer: { active } }: xterm.Terminal): ReadonlyArray<string> => {
  const lines = Array.from(
    { length: active.length },
    (_, index) => active.getLine(index)?.translateToString(true) ?? ""
  )
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1)
}

/** Waits until the screen is as wanted; a defect with the last screen after ten seconds of `Ticks`. */
export const waitFor = (
  terminal: Terminal,
  isWanted: (screen: ReadonlyArray<string>) => boolean
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function*() {
    const deadline = Ticks.now() + 10_000
    while (true) {
      const screen = yield* terminal.screen
      if (isWanted(screen)) return screen
      if (Ticks.now() > deadline) {
        return yield* Effect.dieMessage(`the screen did not become as wanted:\n${screen.join("\n")}`)
      }
      yield* Effect.sleep("20 millis")
    }
  })
