import { describe, expect, it } from "@effect/vitest"
import * as TopHosts from "../../src/stats/TopHosts.js"

describe("TopHosts", () => {
  it("counts entries and failures by host, most failures first", () => {
    const hosts = TopHosts.make()
    hosts.record("http://a.example/1", true)
    hosts.record("http://a.example/2", true)
    hosts.record("https://b.example:8080/1?x", false)
    hosts.record("http://a.example/3", false)
    hosts.record("https://b.example:8080?x", false)
    expect(hosts.top(5)).toEqual([
      { host: "b.example:8080", entries: 2, failed: 2 },
      { host: "a.example", entries: 3, failed: 1 }
    ])
    expect(hosts.top(1)).toHaveLength(1)
  })

  it.each([
    ["http://user:secret@a.example/", "a.example"],
    ["HTTP://A.Example", "a.example"],
    ["http://a.example#@b.example", "a.example"],
    ["http://a.example/@b", "a.example"],
    ["http://[::1]:80/x", "[::1]:80"],
    ["no url", "(no host)"],
    ["", "(no host)"]
  ])("finds the host of %s", (url, host) => {
    const hosts = TopHosts.make()
    hosts.record(url, true)
    hosts.record(url, true)
    expect(hosts.top(5)).toEqual([{ host, entries: 2, failed: 0 }])
  })

  it("does not take one host for another that begins like it", () => {
    const hosts = TopHosts.make()
    for (const url of ["http://a.example/1", "http://a.example.org/1", "http://a.example:1/", "http://a.example/2"]) {
      hosts.record(url, true)
    }
    expect(hosts.size()).toBe(3)
    expect(hosts.top(1)).toEqual([{ host: "a.example", entries: 2, failed: 0 }])
  })

  it("keeps at most 1,024 hosts and those that fail most, and tells how much may be missing", () => {
    const hosts = TopHosts.make()
    for (let n = 0; n < 50_000; n++) {
      hosts.record(`http://h${n}.example/`, n % 2 === 0)
      if (n % 10 === 0) hosts.record("http://bad.example/", false)
    }
    expect(hosts.size()).toBeLessThanOrEqual(1024)
    expect(hosts.top(1)).toEqual([{ host: "bad.example", entries: 5000, failed: 5000 }])
    expect(hosts.uncertainty()).toBeGreaterThan(0)
    expect(hosts.uncertainty()).toBeLessThan(100)
  })
})
