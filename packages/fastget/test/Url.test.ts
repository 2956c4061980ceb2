import * as Url from "#internal/base/Url"
import { expect, it } from "@effect/vitest"

it("a text is a URL, alone or relative to another, or none", () => {
  expect(Url.parse("http://a.example/x?y")?.href).toBe("http://a.example/x?y")
  expect(Url.parse("../z", "http://a.example/x/y/")?.href).toBe("http://a.example/x/z")
  expect([Url.parse(""), Url.parse("/x"), Url.parse("http://[bad"), Url.parse("/x", "nowhere")])
    .toEqual(Array(4).fill(undefined))
})

it("a host with Latin-1 letters is one, however often it is asked for", () => {
  let found = 0
  for (let n = 0; n < 20_000; n++) if (Url.parse("http://b\u00fccher.example/") !== undefined) found++
  expect(found).toBe(20_000)
})
