/**
 * A thread that has many requests at some origins, which only take their time.
 * It counts in shared memory those that are under way at each origin and in all,
 * and the most there ever were; of each origin, connections that are open.
 */
/* oxlint-disable unicorn/require-post-message-target-origin -- the port of a thread has no origin */
import { parentPort, workerData } from "node:worker_threads"
import { OriginGate } from "../../dist/internal/origin/OriginGate.js"
import { OriginTable } from "../../dist/internal/traffic/OriginTable.js"
import * as SharedTraffic from "../../dist/internal/traffic/SharedTraffic.js"
import * as SharedBytes from "../../dist/internal/wire/SharedBytes.js"

const { closes, connections, origins, requests, rest, table, thread, waits, words } = workerData
// By origin: under way, the most ever, open connections, the most ever; then the same of all origins; then the requests by thread.
const counts = new Int32Array(words)
const add = (at, most, by) => {
  const now = Atomics.add(counts, at, by) + by
  for (let seen = Atomics.load(counts, most); now > seen; seen = Atomics.load(counts, most)) {
    Atomics.compareExchange(counts, most, seen, now)
  }
}

/** Connections as a client has them: kept open when a request has ended, closed when they are too many. */
const makeControl = () => {
  const open = new Map()
  const busy = new Map()
  const allowed = new Map()
  const due = new Map()
  const get = (map, key) => map.get(key) ?? 0
  const change = (key, by) => {
    open.set(key, get(open, key) + by)
    add(4 * Number(key.slice(7)) + 2, 4 * Number(key.slice(7)) + 3, by)
    add(4 * origins + 2, 4 * origins + 3, by)
  }
  const settle = (key) => {
    const waiting = due.get(key) ?? []
    const tooMany = () => get(open, key) - get(allowed, key)
    while (waiting.length > Math.max(0, tooMany())) waiting.shift()()
    if (tooMany() > 0 && get(open, key) > get(busy, key)) {
      // As a server that takes its time to close.
      setTimeout(() => {
        if (get(open, key) <= get(allowed, key)) return settle(key)
        change(key, -1)
        settle(key)
      }, 1)
    }
  }
  return {
    limit: (key, connections, done) => {
      allowed.set(key, connections)
      if (!due.has(key)) due.set(key, [])
      if (done !== undefined) due.get(key).push(done)
      settle(key)
    },
    open: (key) => get(open, key),
    onClosed: () => {},
    begin: (key) => {
      busy.set(key, get(busy, key) + 1)
      if (get(busy, key) > get(open, key)) change(key, 1)
    },
    end: (key) => {
      busy.set(key, get(busy, key) - 1)
      settle(key)
    }
  }
}

const control = closes ? makeControl() : undefined
const rules = { connections, rate: undefined, throttle: undefined, adaptive: false }
const gate = new OriginGate({
  traffic: SharedTraffic.make({ table: new OriginTable(table), thread, rulesFor: () => rules }),
  control
})
const run = SharedBytes.join(thread, SharedBytes.make(2 ** 20).chunk())
let left = requests
const send = (origin) => {
  const key = `http://${origin}`
  gate.acquire(key, run, () => {
    add(4 * origin, 4 * origin + 1, 1)
    add(4 * origins, 4 * origins + 1, 1)
    control?.begin(key)
    setTimeout(() => {
      Atomics.add(counts, 4 * origin, -1)
      Atomics.add(counts, 4 * origins, -1)
      Atomics.add(counts, 4 * origins + 4 + thread, 1)
      control?.end(key)
      gate.release(key)
      if (--left === 0) parentPort.postMessage("done")
    }, Math.random() * waits)
  })
}
for (let n = 0; n < requests; n++) {
  if (rest > 0 && n % 50 === 49) setTimeout(() => send(n % origins), rest * n / 50)
  else send(n % origins)
}
// It stays, idle, until it is terminated.
parentPort.on("message", () => {})
