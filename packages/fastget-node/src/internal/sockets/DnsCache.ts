/**
 * A `lookup` for sockets that asks for a host name once and not for each
 * connection: names that are being asked for are shared, answers kept. All
 * threads of a process share four lookups at a time, so this is what keeps many
 * connections from waiting for one another. Held per client; at most `maxHosts`
 * names are kept.
 */
import * as Dns from "node:dns"
import type { LookupFunction } from "node:net"

type Done = Parameters<LookupFunction>[2]

interface Host {
  readonly addresses: ReadonlyArray<Dns.LookupAddress>
  readonly until: number
}

const maxHosts = 10_000

/**
 * A cache whose answers are good for `ttl` milliseconds. Failures are not kept,
 * and one that `lookup` throws is told like one that it gives.
 * What is not known is asked of `lookup`, always for all addresses.
 */
export const make = (ttl: number, lookup: LookupFunction = Dns.lookup): LookupFunction => {
  const hosts = new Map<string, Host>()
  const asked = new Map<string, Array<(error: NodeJS.ErrnoException | null, host?: Host) => void>>()

  const ask = (name: string, key: string, options: Dns.LookupOptions) => {
    try {
      look(name, key, options)
    } catch (error) {
      const waiting = asked.get(key)
      // It was answered: what throws is one of those who waited.
      if (waiting === undefined) throw error
      asked.delete(key)
      for (const done of waiting) done(error instanceof Error ? error : new Error(String(error)))
    }
  }

  const look = (name: string, key: string, options: Dns.LookupOptions) =>
    lookup(name, { ...options, all: true }, (error, addresses) => {
      const waiting = asked.get(key) ?? []
      asked.delete(key)
      if (error !== null) {
        for (const done of waiting) done(error)
        return
      }
      // All were asked for, which the type of the callback does not follow.
      const host = { addresses: addresses as Array<Dns.LookupAddress>, until: performance.now() + ttl }
      // A Map keeps its order: the first name is the oldest.
      if (hosts.size >= maxHosts) hosts.delete(hosts.keys().next().value!)
      hosts.set(key, host)
      for (const done of waiting) done(null, host)
    })

  return (name, options, done) => {
    const key = `${options.family ?? 0} ${options.hints ?? 0} ${name}`
    const known = hosts.get(key)
    if (known !== undefined && known.until > performance.now()) return answer(options, known, done)
    hosts.delete(key)
    const each = (error: NodeJS.ErrnoException | null, host?: Host) =>
      host === undefined ? done(error, "", 0) : answer(options, host, done)
    const waiting = asked.get(key)
    if (waiting !== undefined) return void waiting.push(each)
    asked.set(key, [each])
    ask(name, key, options)
  }
}

const answer = (options: Dns.LookupOptions, { addresses }: Host, done: Done): void => {
  if (options.all === true) return done(null, [...addresses])
  const first = addresses[0]
  if (first === undefined) return done(Object.assign(new Error("no address"), { code: "ENOTFOUND" }), "", 0)
  done(null, first.address, first.family)
}
