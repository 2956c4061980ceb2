/**
 * Which process holds a lock, and whether it still runs. The system uses the
 * number of a process again, so the process is told by its number and its start
 * time; and both mean something only on the same boot of the same machine, in
 * the same container: the scope of the number.
 */
import * as ChildProcess from "node:child_process"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Os from "node:os"

export interface LockHolder {
  /** Of this lock, and no other. */
  readonly id: string
  readonly pid: number
  /** When it began: on Linux in the kernel's ticks, else in milliseconds. */
  readonly start: number
  /** The scope of its number: boot and container. Written to lock files under this name. */
  readonly place: string
  readonly host: string
  /** When it took the lock. */
  readonly since: string
}

const isLinux = process.platform === "linux"

/** Undefined where it can't be read. */
const read = (file: string): string | undefined => {
  try {
    return Fs.readFileSync(file, "utf8").trim()
  } catch {
    return undefined
  }
}

const namespace = (): string => {
  try {
    return Fs.readlinkSync("/proc/self/ns/pid")
  } catch {
    return ""
  }
}

const scopeOfPid = (): string =>
  isLinux ? `${read("/proc/sys/kernel/random/boot_id") ?? ""} ${namespace()}` : `${process.platform} ${Os.hostname()}`

/** This process. */
export const self = (): LockHolder => ({
  id: Crypto.randomUUID(),
  pid: process.pid,
  start: startOf(process.pid) ?? 0,
  place: scopeOfPid(),
  host: Os.hostname(),
  since: new Date().toISOString()
})

/** `text` is of a file; undefined where it was not written by `toText`. */
export const parse = (text: string): LockHolder | undefined => {
  try {
    const { fastget } = JSON.parse(text) as { readonly fastget?: Partial<LockHolder> }
    return typeof fastget?.id === "string" && typeof fastget.pid === "number" && typeof fastget.start === "number" &&
        typeof fastget.place === "string" && typeof fastget.host === "string" && typeof fastget.since === "string"
      // All fields are as they should be.
      ? fastget as LockHolder
      : undefined
  } catch {
    return undefined
  }
}

export const toText = (holder: LockHolder): string => `${JSON.stringify({ fastget: holder })}\n`

/** "elsewhere" is a machine or a container whose processes can't be seen from here. */
export const whereabouts = (holder: LockHolder): "here" | "gone" | "elsewhere" => {
  if (holder.place !== scopeOfPid()) return "elsewhere"
  if (!exists(holder.pid)) return "gone"
  const start = startOf(holder.pid)
  // Where the start can't be known, the process is taken for the holder.
  return start === undefined || Math.abs(start - holder.start) <= tolerance ? "here" : "gone"
}

/** Milliseconds by which two readings of one start may differ: the kernel's ticks are exact, `ps` tells whole seconds. */
const tolerance = isLinux ? 0 : 2000

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** When a process began; undefined where that can't be told, and -1 for a zombie, which has ended. */
const startOf = (pid: number): number | undefined => {
  if (isLinux) return startOnLinux(pid)
  if (pid === process.pid) return Math.round(Date.now() - process.uptime() * 1000)
  return process.platform === "win32" ? startOnWindows(pid) : startByPs(pid)
}

const startOnLinux = (pid: number): number | undefined => {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The program's name is in brackets and may contain spaces and brackets; the fields begin after the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return fields[0] === "Z" || fields[0] === "X" ? -1 : Number(fields[19])
}

const startByPs = (pid: number): number | undefined => {
  const [, state, start] = /^(\S+)\s+(.+)$/s.exec(output("ps", ["-o", "stat=,lstart=", "-p", String(pid)])) ?? []
  if (state === undefined) return undefined
  return state.startsWith("Z") ? -1 : finite(Date.parse(start!))
}

const startOnWindows = (pid: number): number | undefined =>
  finite(Date.parse(output("powershell", [
    "-NoProfile",
    "-NonInteractive",
    "-Command",
    `(Get-Process -Id ${pid}).StartTime.ToUniversalTime().ToString('o')`
  ])))

const finite = (number: number): number | undefined => Number.isFinite(number) ? number : undefined

/** What a program prints; nothing where it fails. */
const output = (command: string, args: ReadonlyArray<string>): string => {
  try {
    return ChildProcess.execFileSync(command, args, {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 10_000
    }).trim()
  } catch {
    return ""
  }
}
