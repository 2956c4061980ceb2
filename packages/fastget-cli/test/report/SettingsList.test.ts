import { expect, it } from "@effect/vitest"
import * as FastGetConfig from "fastget/FastGetConfig"
import * as SettingsList from "../../src/report/SettingsList.js"

it("shows the settings without the values of headers", () => {
  const headers = { authorization: "Bearer secret" }
  const list = SettingsList.make({ ...FastGetConfig.defaults(2), headers })
  expect(Object.fromEntries(list)).toMatchObject({
    numWorkers: "2",
    timeout: "30.0 s",
    concurrency: "unbounded",
    headers: "authorization",
    retry: "2 times, waits from 500 ms to 30.0 s"
  })
  expect(JSON.stringify(list)).not.toContain("secret")
})

it("is empty where the settings are not known", () => {
  expect(SettingsList.make(undefined)).toEqual([])
})
