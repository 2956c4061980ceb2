/**
 * Which addresses may be connected to when private ones are denied: none that
 * the registries of IANA set aside for a special purpose and that can't be
 * reached from everywhere. An address comes in, the name of the rule that
 * refuses it goes out. A guard on host names' answers checks the very addresses
 * that are connected to.
 */
import * as Either from "effect/Either"
import * as FastGetConfig from "fastget/FastGetConfig"
import { TransportFault } from "fastget/platform/TransportError"
import type { LookupAddress } from "node:dns"
import * as Net from "node:net"
import type { LookupFunction } from "node:net"

/**
 * Gives the rule that refuses an address, if one does.
 */
export type AddressGuard = (address: string) => string | undefined

type Range = readonly [network: string, prefix: number, rule: string]

// https://www.iana.org/assignments/iana-ipv4-special-registry, of November 2026, but for what is reachable from
// everywhere; and what is not unicast.
const ranges4: ReadonlyArray<Range> = [
  ["0.0.0.0", 8, "this network"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "shared"],
  ["127.0.0.0", 8, "loopback"],
  ["169.254.0.0", 16, "link-local"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "protocol assignments"],
  ["192.0.2.0", 24, "documentation"],
  ["192.88.99.0", 24, "6to4"],
  ["192.168.0.0", 16, "private"],
  ["198.18.0.0", 15, "benchmarking"],
  ["198.51.100.0", 24, "documentation"],
  ["203.0.113.0", 24, "documentation"],
  ["224.0.0.0", 4, "multicast"],
  ["255.255.255.255", 32, "broadcast"],
  ["240.0.0.0", 4, "reserved"]
]

// https://www.iana.org/assignments/iana-ipv6-special-registry, likewise. The first that fits gives the name.
const ranges6: ReadonlyArray<Range> = [
  ["::", 128, "unspecified"],
  ["::1", 128, "loopback"],
  ["fc00::", 7, "unique local"],
  ["fe80::", 10, "link-local"],
  ["fec0::", 10, "site-local"],
  ["ff00::", 8, "multicast"],
  ["2001:db8::", 32, "documentation"],
  ["3fff::", 20, "documentation"],
  ["2002::", 16, "6to4"],
  ["2001::", 32, "Teredo"],
  ["2001:2::", 48, "benchmarking"],
  ["2001::", 23, "protocol assignments"],
  ["64:ff9b:1::", 48, "local NAT64"],
  ["100::", 64, "discard-only"],
  ["5f00::", 16, "segment routing"]
]

/** All that IANA has given out as global unicast. */
const global6 = listOf([["2000::", 3, ""]], "ipv6")

/** Addresses that carry one of IPv4, which is where they lead: IPv4-mapped, and NAT64. */
const carrying4 = listOf([["::ffff:0:0", 96, ""], ["64:ff9b::", 96, ""]], "ipv6")

function listOf(ranges: ReadonlyArray<Range>, family: "ipv4" | "ipv6"): Net.BlockList {
  const list = new Net.BlockList()
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family)
  return list
}

const rules4 = ranges4.map((range) => [listOf([range], "ipv4"), range[2]] as const)
const rules6 = ranges6.map((range) => [listOf([range], "ipv6"), range[2]] as const)

/**
 * A guard that makes an exception of some addresses and ranges, such as
 * `10.1.2.3` and `fd00:1::/32`. Of an `allow` that is neither it gives that.
 */
export const make = (allow: ReadonlyArray<string> = []): Either.Either<AddressGuard, string> => {
  const allowed = new Net.BlockList()
  for (const text of allow) {
    const [network = "", prefix, ...rest] = text.split("/")
    const family = Net.isIP(network)
    const bits = family === 4 ? 32 : 128
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1
    if (family === 0 || rest.length > 0 || length < 0 || length > bits) return Either.left(text)
    allowed.addSubnet(network, length, family === 4 ? "ipv4" : "ipv6")
  }
  const guard4: AddressGuard = (address) =>
    allowed.check(address, "ipv4") ? undefined : rules4.find(([list]) => list.check(address, "ipv4"))?.[1]
  const guard6: AddressGuard = (address) => {
    if (carrying4.check(address, "ipv6")) return guard4(lastFour(address))
    if (allowed.check(address, "ipv6")) return undefined
    const rule = rules6.find(([list]) => list.check(address, "ipv6"))
    return rule?.[1] ?? (global6.check(address, "ipv6") ? undefined : "reserved")
  }
  return Either.right((address) => {
    // A link-local address may name its interface.
    const plain = address.split("%", 1)[0]!
    const family = Net.isIP(plain)
    return family === 4 ? guard4(plain) : family === 6 ? guard6(plain) : "no address"
  })
}

/** The last four bytes of an address of IPv6, as one of IPv4. */
const lastFour = (address: string): string => {
  // URL writes an address in its shortest form, in hexadecimal.
  const words = new URL(`http://[${address}]`).hostname.slice(1, -1).split(":").slice(-2)
  const [high = 0, low = 0] = words.map((word) => word === "" ? 0 : Number.parseInt(word, 16))
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".")
}

/**
 * The failure of a host that may not be connected to: one that is given by its
 * address, or a name for this machine (RFC 6761). Other names are looked up.
 */
export const refuseHost = (guard: AddressGuard, hostname: string): TransportFault | undefined => {
  const rule = Net.isIP(hostname) > 0
    ? guard(hostname)
    : /^(?:.+\.)?localhost\.?$/i.test(hostname) && guard("127.0.0.1") !== undefined && guard("::1") !== undefined
    ? "loopback"
    : undefined
  return rule === undefined ? undefined : blocked(hostname, rule)
}

const blocked = (address: string, rule: string) => new TransportFault({ _tag: "Blocked", address, rule }, 0)

/**
 * A lookup whose answers are those of another, without the addresses that are
 * refused. If none is left it fails.
 */
export const guardLookup = (guard: AddressGuard, lookup: LookupFunction): LookupFunction => (name, options, done) =>
  lookup(name, { ...options, all: true }, (error, found) => {
    if (error !== null) return done(error, "", 0)
    const addresses = found as Array<LookupAddress>
    const fine = addresses.filter(({ address }) => guard(address) === undefined)
    const first = fine[0]
    if (first !== undefined) return options.all === true ? done(null, fine) : done(null, first.address, first.family)
    const { address } = addresses[0] ?? { address: name }
    done(blocked(address, guard(address) ?? "no address"), "", 0)
  })

/**
 * The guard that a client's options ask for, if any.
 */
export const fromOptions = ({ denyPrivate = false, proxyFromEnv }: {
  readonly denyPrivate?: FastGetConfig.DenyPrivate
  readonly proxyFromEnv?: boolean
}): Either.Either<AddressGuard | undefined, FastGetConfig.InvalidOption> => {
  if (denyPrivate === false) return Either.right(undefined)
  const invalid = (range: string) =>
    new FastGetConfig.InvalidOption({ option: "denyPrivate", value: JSON.stringify(denyPrivate), range })
  return proxyFromEnv === true
    ? Either.left(invalid("false together with proxyFromEnv, since it is the proxy that connects"))
    : Either.mapLeft(
      make(denyPrivate === true ? [] : denyPrivate.allow),
      () => invalid(FastGetConfig.fields.denyPrivate.range)
    )
}
