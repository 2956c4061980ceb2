import { expect, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import * as NodeFastGet from "fastget-node/NodeFastGet"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as SettingsList from "../../src/report/SettingsList.js"

it("shows the settings without the values of headers", () => {
  const headers = { authorization: "Bearer secret" }
  const list = SettingsList.make({ settings: { ...FastGetConfig.defaults(2), headers } })
  expect(Object.fromEntries(list)).toMatchObject({
    numWorkers: "2",
    timeout: "30.0 s",
    concurrency: "unbounded",
    headers: "authorization",
    retry: "2 times, waits from 500 ms to 30.0 s"
  })
  expect(JSON.stringify(list)).not.toContain("secret")
})

it("shows the limits of origins as the options take them", () => {
  const shown = (changes: Partial<FastGetConfig.Settings>) =>
    Object.fromEntries(SettingsList.make({ settings: { ...FastGetConfig.defaults(2), ...changes } }))
  expect(shown({})).toMatchObject({
    rate: "none",
    throttle: "gives up after 15 min of refusals alone",
    origins: "none"
  })
  const rate = { requests: 600, per: 60_000, burst: undefined }
  const origins = [
    { pattern: "https://a.example", rate: { requests: 1, per: 10_000, burst: 5 }, connections: 8 },
    { pattern: "a.example", connections: 1 },
    { pattern: "*.example" }
  ]
  expect(shown({ rate, throttle: false, origins, concurrency: "adaptive" })).toMatchObject({
    rate: "600/min",
    throttle: "off",
    origins: "https://a.example: 1/10s, bursts of 5, 8 connections; a.example: 1 connection; *.example: as others",
    concurrency: "adaptive"
  })
})

it("shows the options of the client, and of keys and certificates that they were given", () => {
  const settings = FastGetConfig.defaults(2)
  const names = Object.keys(NodeFastGet.fields)
  expect(SettingsList.make({ settings }).map(([name]) => name)).toEqual(names)
  expect(Object.fromEntries(SettingsList.make({ settings }))).toMatchObject({
    "client.headersTimeout": "none",
    "client.dnsTtl": "10.0 s",
    "client.maxHeaderBytes": "16384",
    "client.proxyFromEnv": "false",
    "client.tls.ca": "none",
    "client.tls.servername": "none"
  })
  const list = SettingsList.make({
    settings,
    client: {
      headersTimeout: "5 seconds",
      proxyFromEnv: true,
      tls: { ca: "secret", key: Redacted.make("secret"), passphrase: "secret", servername: "a.example" }
    }
  })
  expect(Object.fromEntries(list)).toMatchObject({
    "client.headersTimeout": "5.00 s",
    "client.proxyFromEnv": "true",
    "client.tls.ca": "given",
    "client.tls.cert": "none",
    "client.tls.key": "given",
    "client.tls.passphrase": "given",
    "client.tls.servername": "a.example"
  })
  expect(JSON.stringify(list)).not.toContain("secret")
})

it("is empty where the settings are not known", () => {
  expect(SettingsList.make({ settings: undefined })).toEqual([])
})

it("shows of a run over a cluster what comes to the runners with its entries", () => {
  const list = SettingsList.make({ settings: FastGetConfig.defaults(2), isOverCluster: true })
  const names = list.map(([name]) => name)
  expect(names).toEqual(expect.arrayContaining(["timeout", "deadline", "retry", "headers"]))
  expect(names.filter((name) => ["rate", "numWorkers", "connectionsPerOrigin", "client.dnsTtl"].includes(name)))
    .toEqual([])
})
