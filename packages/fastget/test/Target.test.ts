import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as FastCheck from "effect/FastCheck"
import { FastGet } from "fastget"
import * as Target from "fastget/platform/Target"
import { badUrls } from "./BadUrls.js"
import * as FakeHttpClient from "./FakeHttpClient.js"

/** Tells what was sent. */
const mirror = FakeHttpClient.make((request) =>
  FakeHttpClient.json({ url: request.url, authorization: request.headers["authorization"] })
)
const sentFor = (url: string) => Effect.provide(FastGet.get(url), FakeHttpClient.layerFastGet(mirror))

describe("Target.parseUrl", () => {
  it.each(badUrls)("refuses %s", (_, url) => {
    const parsed = Target.parseUrl(Target.urlText(url))
    expect(Either.isLeft(parsed) && parsed.left._tag).toBe("InvalidUrl")
  })

  it.effect.each([
    ["http://a.example", "http://a.example/"],
    ["HTTPS://A.example:443/x", "https://a.example/x"],
    ["http://a.example/ä?ö=ü", "http://a.example/%C3%A4?%C3%B6=%C3%BC"],
    ["http://münchen.example/", "http://xn--mnchen-3ya.example/"],
    ["http://[::1]:8080/x", "http://[::1]:8080/x"],
    ["http://127.1/", "http://127.0.0.1/"],
    ["http://a.example/x#fragment", "http://a.example/x"],
    ["  http://a.example/x  ", "http://a.example/x"]
  ] as ReadonlyArray<readonly [string, string]>)("takes %s to %s", ([url, href]) =>
    Effect.gen(function*() {
      expect(yield* sentFor(url)).toEqual({ url: href })
    }))

  it("takes the longest URL and refuses one character more", () => {
    const longest = `http://a.example/${"x".repeat(Target.maxUrlLength - 17)}`
    expect(longest.length).toBe(Target.maxUrlLength)
    expect(Either.isRight(Target.parseUrl(longest))).toBe(true)
    expect(Either.isLeft(Target.parseUrl(`${longest}x`))).toBe(true)
  })

  it.effect.each([
    ["http://user:pass@a.example/x", "user:pass"],
    ["http://user@a.example/x", "user:"],
    ["http://:pass@a.example/x", ":pass"],
    ["http://us%3Aer:p%40ss@a.example/x", "us:er:p@ss"],
    ["http://j%C3%BCrgen:p%C3%A4ss@a.example/x", "jürgen:päss"]
  ] as ReadonlyArray<readonly [string, string]>)(
    "makes the userinfo of %s an Authorization header",
    ([url, credentials]) =>
      Effect.gen(function*() {
        expect(yield* sentFor(url)).toEqual({
          url: "http://a.example/x",
          authorization: `Basic ${Encoding.encodeBase64(credentials)}`
        })
      })
  )

  // What curl 7.88 sends for each.
  it.each([
    ["us%er:pa%ss", "us%er:pa%ss"],
    ["100%:50%25", "100%:50%"],
    ["a%2:b%zz%41", "a%2:b%zzA"],
    ["a:%ff%FE", "a:\u00ff\u00fe"],
    ["a%3Ab:%25%", "a:b:%%"],
    ["%:%", "%:%"],
    ["%2525:", "%25:"]
  ])(
    "sends the escapes of %s as the bytes they stand for, and a bare percent sign as it is",
    (userinfo, credentials) => {
      const parsed = Target.parseUrl(`http://${userinfo}@a.example/`)
      expect(Either.isRight(parsed) && parsed.right.authorization).toBe(`Basic ${btoa(credentials)}`)
    }
  )
})

describe("a host with characters beyond ASCII", () => {
  it("is taken however often URLs were parsed before: engines compile what runs often", () => {
    const given = ["http://a.example/1", "https://münchen.example/", "http://a~</", "nope"]
    const wanted = ["Right", "Right", "Left", "Left"]
    const latin1 = new TextDecoder("latin1")
    const bytes = given.map((url) => Uint8Array.from(url, (character) => character.charCodeAt(0)))
    let wrong = 0
    for (let n = 0; n < 40_000; n++) {
      const at = n % given.length
      if (Target.parseUrl(latin1.decode(bytes[at]!))._tag !== wanted[at]) wrong++
    }
    expect(wrong).toBe(0)
  })
})

describe("Target.makeParser", () => {
  const piece = FastCheck.constantFrom(
    ..."/?#@:.&=%\\ ~'|^\"<",
    "//",
    "/.",
    "/..",
    "%2e",
    "a",
    "b.c",
    "ä",
    "u:p@",
    ":80",
    ":8080",
    "A"
  )
  const url = FastCheck.tuple(
    FastCheck.constantFrom("http://a.example", "https://a.example", "HTTP://a.example", "http:/a.example", "http://a"),
    FastCheck.array(piece, { maxLength: 6 })
  ).map(([start, pieces]) => start + pieces.join(""))

  it("gives what parseUrl gives, whatever it parsed before", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.array(url, { minLength: 1, maxLength: 8 }), (urls) => {
        const parse = Target.makeParser()
        expect(urls.map(parse)).toStrictEqual(urls.map(Target.parseUrl))
      }),
      { numRuns: 5000, seed: 7 }
    )
  })

  it("takes no fragment for a part of the host", () => {
    const urls = ["http://a.example#x/", "http://a.example#x/y"]
    expect(urls.map(Target.makeParser())).toStrictEqual(urls.map(Target.parseUrl))
  })
})
