/**
 * How busy the machine, this process and its main thread are.
 */
import * as Fs from "node:fs"
import * as Os from "node:os"
import { performance } from "node:perf_hooks"

/**
 * Counters that only grow, in milliseconds.
 */
export interface Reading {
  /** CPU time of this process, all its threads. */
  readonly process: number
  /** CPU time of all programs, and the time all cores had; both 0 where the system doesn't tell. */
  readonly machineBusy: number
  readonly machineTotal: number
  /** Time the main thread's event loop worked and waited. */
  readonly mainActive: number
  readonly mainIdle: number
  /** Time this process had to stand still because of its container's CPU quota; 0 where there is none. */
  readonly throttled: number
}

/**
 * What was used between two readings, as shares from 0 to 1.
 */
export interface Usage {
  readonly cores: number
  /** Of all cores, by this process. */
  readonly process: number
  /** Of all cores, by all programs; undefined where the system doesn't tell. */
  readonly machine: number | undefined
  /** Of the main thread's time. */
  readonly main: number
  /** Of the time, for which the container's quota stopped this process. */
  readonly throttled: number
}

export const read = (): Reading => {
  const { system, user } = process.cpuUsage()
  let machineBusy = 0
  let machineTotal = 0
  for (const { times } of Os.cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq
    machineBusy += busy
    machineTotal += busy + times.idle
  }
  const { active, idle } = performance.eventLoopUtilization()
  return {
    process: (user + system) / 1000,
    machineBusy,
    machineTotal,
    mainActive: active,
    mainIdle: idle,
    throttled: readThrottled()
  }
}

/**
 * What was used from one reading to a later one, `millis` apart.
 */
export const usage = (from: Reading, to: Reading, millis: number): Usage => {
  const cores = Os.availableParallelism()
  const total = to.machineTotal - from.machineTotal
  const main = to.mainActive - from.mainActive
  return {
    cores,
    process: share(to.process - from.process, millis * cores),
    machine: total > 0 ? share(to.machineBusy - from.machineBusy, total) : undefined,
    main: share(main, main + to.mainIdle - from.mainIdle),
    throttled: share(to.throttled - from.throttled, millis)
  }
}

const share = (part: number, whole: number): number => whole <= 0 ? 0 : Math.min(1, Math.max(0, part / whole))

/** Linux tells it of each control group; inside of a container its own stands at the root. */
const readThrottled = (): number => {
  try {
    const [, micros = "0"] = /^throttled_usec (\d+)$/m.exec(Fs.readFileSync("/sys/fs/cgroup/cpu.stat", "utf8")) ?? []
    return Number(micros) / 1000
  } catch {
    return 0
  }
}
