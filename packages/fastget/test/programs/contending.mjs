/**
 * A thread that takes and gives back connections of one origin, and asks for
 * turns of its rate, as fast as it can. It counts in shared memory the
 * connections in use, the most there ever were, and the turns it got.
 */
/* oxlint-disable unicorn/require-post-message-target-origin -- the port of a thread has no origin */
import { parentPort, workerData } from "node:worker_threads"
import { Connections, Total } from "../../dist/internal/traffic/Connections.js"
import { OriginTable } from "../../dist/internal/traffic/OriginTable.js"
import { SharedPolicy } from "../../dist/internal/traffic/SharedPolicy.js"

const { now, origin, rules, thread, times, wire, words } = workerData
const counts = new Int32Array(words)
const table = new OriginTable(wire)
const place = { table, thread, slot: table.enter(origin, rules.connections, thread) }
const connections = new Connections(place, "connections", new Total(place))
const options = { place, rules, now: () => now, random: () => 0, inFlight: () => 1, flights: undefined }
const policy = new SharedPolicy(options)

const give = () => {
  connections.leave()
  connections.give()
}

// All of them begin at the same time.
Atomics.add(counts, 0, 1)
Atomics.notify(counts, 0)
for (let seen = Atomics.load(counts, 0); seen < wire.threads; seen = Atomics.load(counts, 0)) {
  Atomics.wait(counts, 0, seen)
}
for (let n = 0; n < times; n++) {
  if (policy.admit() === 0) Atomics.add(counts, 3, 1)
  if (connections.use() !== "taken") continue
  const inUse = Atomics.add(counts, 1, 1) + 1
  for (let most = Atomics.load(counts, 2); inUse > most; most = Atomics.load(counts, 2)) {
    Atomics.compareExchange(counts, 2, most, inUse)
  }
  Atomics.sub(counts, 1, 1)
  connections.release()
  if (connections.othersWait()) give()
}
connections.unmark()
while (connections.idle() > 0) give()
parentPort.postMessage("done")
