import * as OriginGate from "#internal/origin/OriginGate"
import { Total } from "#internal/traffic/Connections"
import * as OriginTable from "#internal/traffic/OriginTable"
import * as SharedTraffic from "#internal/traffic/SharedTraffic"
import * as TableLayout from "#internal/traffic/TableLayout"
import * as SharedBytes from "#internal/wire/SharedBytes"
import { expect, it } from "@effect/vitest"
import type { ConnectionControl } from "fastget/platform/ConnectionControl"

/** Numbers from 0 to 1, the same for the same seed. */
const randomOf = (seed: number) => () => {
  seed = seed + 0x6d2b79f5 | 0
  const mixed = Math.imul(seed ^ seed >>> 15, seed | 1)
  const more = mixed ^ mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
  return ((more ^ more >>> 14) >>> 0) / 2 ** 32
}

/** Time that goes on as soon as nothing is left to do. */
const makeTime = () => {
  let now = 0
  const timers = new Set<{ readonly at: number; readonly f: () => void }>()
  const setTimer = (f: () => void, ms: number) => {
    const timer = { at: now + ms, f }
    timers.add(timer)
    return () => void timers.delete(timer)
  }
  /** Runs until no timer is left. */
  const run = async () => {
    for (;;) {
      // Bells ring in microtasks.
      await new Promise((resolve) => setImmediate(resolve))
      let next: { readonly at: number; readonly f: () => void } | undefined
      for (const timer of timers) if (next === undefined || timer.at < next.at) next = timer
      if (next === undefined) return
      timers.delete(next)
      now = next.at
      next.f()
    }
  }
  return { setTimer, run }
}

/** Connections as the client has them: a request may find none, fail to make one, or lose it. */
const makeControl = (random: () => number, setTimer: ReturnType<typeof makeTime>["setTimer"]) => {
  interface Origin {
    open: number
    busy: number
    closing: number
    allowed: number
    readonly due: Array<() => void>
  }
  const origins = new Map<string, Origin>()
  let listener: (origin: string) => void = () => {}
  const of = (key: string): Origin => {
    const origin = origins.get(key) ?? { open: 0, busy: 0, closing: 0, allowed: 0, due: [] }
    origins.set(key, origin)
    return origin
  }
  const settle = (key: string) => {
    const origin = of(key)
    const tooMany = () => Math.max(0, origin.open - origin.allowed)
    while (origin.due.length > tooMany()) origin.due.shift()!()
    while (tooMany() > origin.closing && origin.open - origin.busy > origin.closing) {
      origin.closing++
      setTimer(() => {
        origin.closing--
        closed(key)
      }, random() * 5)
    }
  }
  const closed = (key: string) => {
    of(key).open--
    settle(key)
    listener(key)
  }
  const control: ConnectionControl = {
    limit: (key, connections, done) => {
      const origin = of(key)
      origin.allowed = connections
      if (done !== undefined) origin.due.push(done)
      settle(key)
    },
    open: (key) => of(key).open,
    onClosed: (called) => {
      listener = called
    }
  }
  return {
    control,
    open: () => [...origins.values()].reduce((sum, { open }) => sum + open, 0),
    begin: (key: string) => {
      const origin = of(key)
      origin.busy++
      if (origin.busy + origin.closing > origin.open) origin.open++
    },
    end: (key: string) => {
      const origin = of(key)
      origin.busy--
      // Refused, or cut: gone with its request. Else it may be closed by the server while it idles.
      if (random() < 0.3) closed(key)
      else if (random() < 0.2) {
        setTimer(() => {
          if (origin.open - origin.busy > origin.closing) closed(key)
        }, random() * 10)
      }
      settle(key)
    }
  }
}

interface Case {
  readonly threads: number
  readonly origins: number
  readonly connections: number
  readonly inAll: number
  readonly adaptive: boolean
  readonly controlled: boolean
}

/** Requests of several threads that end, fail or are given up at any time. What is left in the end. */
const play = async (seed: number, { adaptive, connections, controlled, inAll, origins, threads }: Case) => {
  const random = randomOf(seed)
  const { run, setTimer } = makeTime()
  const table = OriginTable.make({ threads, inAll, isShared: false, slots: 64 })
  const rules = { connections, rate: undefined, throttle: undefined, adaptive }
  const clients: Array<ReturnType<typeof makeControl>> = []
  let left = 0
  const gates = Array.from({ length: threads }, (_, n) => {
    const client = controlled ? makeControl(random, setTimer) : undefined
    if (client !== undefined) clients.push(client)
    const traffic = SharedTraffic.make({ table, thread: n + 1, rulesFor: () => rules })
    const gate = new OriginGate.OriginGate({ traffic, control: client?.control, setTimer })
    const share = SharedBytes.join(n + 1, SharedBytes.make(1024).chunk())
    return (key: string) => {
      left++
      let hasStarted = false
      const ticket = gate.acquire(key, share, () => {
        hasStarted = true
        client?.begin(key)
        setTimer(() => {
          left--
          // The request is over before its connection is, or after.
          const isFirst = random() < 0.5
          if (isFirst) client?.end(key)
          gate.release(key)
          if (!isFirst) client?.end(key)
        }, random() * 10)
      })
      if (ticket !== undefined && random() < 0.4) {
        setTimer(() => {
          if (hasStarted) return
          left--
          ticket.cancel()
        }, random() * 20)
      }
    }
  })
  for (let n = 0; n < 80; n++) {
    setTimer(
      () => gates[Math.floor(random() * threads)]!(`http://${Math.floor(random() * origins)}`),
      Math.floor(random() * 8) * 20 + random() * 4
    )
  }
  await run()
  // What is held then is open, and nobody waits.
  const sums = { left, leases: -clients.reduce((sum, client) => sum + client.open(), 0), flights: 0, marks: 0 }
  const { connections: ofConnections, flights: ofFlights } = TableLayout.slot
  const { sum, waiting } = TableLayout.group
  for (let slot = 0; slot < table.wire.slots; slot++) {
    const base = table.base(slot)
    if (slot === 0) sums.leases += table.words[base + ofConnections + sum]!
    sums.flights += table.words[base + ofFlights + sum]!
    sums.marks += table.words[base + ofConnections + waiting]! + table.words[base + ofFlights + waiting]!
  }
  return sums
}

const seed = Number(process.env.PROPERTY_SEED ?? 20_260_103)
const runs = Number(process.env.PROPERTY_RUNS ?? 20)

it.each<readonly [string, Case]>(
  [2, 3].flatMap((threads) =>
    [1, 3].flatMap((connections) =>
      [1, 2, Infinity].flatMap((inAll) =>
        [true, false].flatMap((controlled) =>
          [true, false].map((adaptive) => {
            const origins = inAll === Infinity ? 1 : 3
            const how = [controlled ? "kept open" : "not kept", ...adaptive ? ["adaptive"] : []].join(", ")
            const name = `${threads} threads, connections: ${connections} each, ${inAll} in all, ${how}`
            return [name, { threads, connections, inAll, controlled, adaptive, origins }] as const
          })
        )
      )
    )
  )
)("nobody waits for ever, and no lease is lost: %s", async (_, given) => {
  for (let n = 0; n < runs; n++) {
    expect({ seed: seed + n, ...await play(seed + n, given) })
      .toEqual({ seed: seed + n, left: 0, leases: 0, flights: 0, marks: 0 })
  }
})

it("who is told that there is no permit gets the one that was given back before it could wait", () => {
  const table = OriginTable.make({ threads: 2, inAll: 1, isShared: false })
  const [first, second] = [new Total({ table, thread: 1 }), new Total({ table, thread: 2 })]
  expect([first.take(), second.take()]).toEqual([true, false])
  first.give(false)
  second.mark()
  expect(second.spare()).toBe(1)
})
