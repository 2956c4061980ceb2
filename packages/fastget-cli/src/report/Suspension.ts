/**
 * Ctrl-Z, `bg` and `fg`: what is drawn on the terminal is taken away before the
 * process is stopped, and comes back when it goes on in the foreground. A
 * terminal that another program uses meanwhile is left alone.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ChildProcess from "node:child_process"
import * as Fs from "node:fs"

export interface Suspension {
  /** Whether the terminal is for this process to draw on now. */
  readonly isForeground: () => boolean
}

const isLinux = process.platform === "linux"

/** By when, in milliseconds, a process that asked to be stopped is, if it can be at all. */
const patience = 500

/** `before` it is stopped, and `after` it was, whoever stopped it. Its scope owns the handlers. */
export const make = (before: () => void, after: () => void): Effect.Effect<Suspension, never, Scope.Scope> =>
  Effect.gen(function*() {
    // Windows has neither.
    if (process.platform === "win32") return { isForeground: () => true }
    let isStopping = false
    let isSure = false
    const onStop = () => {
      if (isStopping) return
      isStopping = true
      before()
      // Without a handler the signal stops the process, unless its shell has no job control.
      process.off("SIGTSTP", onStop)
      process.kill(process.pid, "SIGTSTP")
      setTimeout(onStopped, patience).unref()
    }
    const onStopped = () => {
      if (!isStopping) return
      isStopping = false
      process.on("SIGTSTP", onStop)
    }
    const onContinue = () => {
      onStopped()
      isSure = false
      after()
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => {
        process.on("SIGTSTP", onStop)
        process.on("SIGCONT", onContinue)
      }),
      () =>
        Effect.sync(() => {
          isStopping = false
          process.off("SIGTSTP", onStop)
          process.off("SIGCONT", onContinue)
        })
    )
    return {
      // A process in the foreground stays there until it is stopped, so ps is not run for each drawing.
      isForeground: () => !isStopping && (isLinux ? hasTerminal() : isSure ||= hasTerminal())
    }
  })

/** Whether this process is in the foreground of its terminal; true where that can't be told. */
const hasTerminal = (): boolean => {
  try {
    const [group, foreground] = isLinux ? groupsOnLinux() : groupsByPs()
    return group === foreground || !(foreground! > 0)
  } catch {
    return true
  }
}

const groupsOnLinux = (): ReadonlyArray<number> => {
  const stat = Fs.readFileSync("/proc/self/stat", "utf8")
  // The program's name is in brackets and may contain spaces and brackets; the fields begin after the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return [Number(fields[2]), Number(fields[5])]
}

const groupsByPs = (): ReadonlyArray<number> =>
  ChildProcess.execFileSync("ps", ["-o", "pgid=,tpgid=", "-p", String(process.pid)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"]
  }).trim().split(/\s+/).map(Number)
