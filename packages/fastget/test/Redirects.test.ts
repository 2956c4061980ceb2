import * as Redirects from "#internal/http/Redirects"
import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Target from "fastget/platform/Target"

const target = (url: string): Target.Target => Either.getOrThrow(Target.parseUrl(url))

/** Where lines of `Location` lead from http://a/b/c?d, or the problem. */
const led = (lines: ReadonlyArray<string>): string => {
  const next = Redirects.next(lines, target("http://a/b/c?d"), Redirects.makeTrail(), 10)
  if (next._tag === "Left") return next.left._tag === "Redirect" ? next.left.problem : next.left._tag
  return next.right.origin + next.right.path
}

/** The bytes of a text, with a character for each. */
const bytes = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text))

/** What `URL` makes of a text: that of a browser. */
const href = (text: string): string => {
  const url = new URL(text, "http://a/b/c?d")
  url.hash = ""
  return url.href
}

describe("where a Location leads", () => {
  it.each([
    "/caf\u00e9",
    "/\uc548\ub155/\u{1f600}?q=\u00fc&r=\u20ac",
    "?q=\u00e4",
    "x/\u00e4/../y",
    "http://b\u00fccher.example/\u00e4",
    "//\uff11\uff12\uff17.0.0.1:81/\u00e4",
    "http://\u65e5\u672c.example:8080/?\u65e5",
    "/already/%C3%A9/and/\u00e9",
    "/50%/\u00e9%zz",
    "/\u0080\u009f\u00a0\u00ff"
  ])("is, of the UTF-8 of %j, where a browser goes", (text) => {
    expect(led([bytes(text)])).toBe(href(text))
  })

  it.each([
    ["/caf\xe9?q=\xfc", "http://a/caf%E9?q=%FC"],
    ["/\xc3", "http://a/%C3"],
    ["/\xc3\xa9/\xe9", "http://a/%C3%A9/%E9"],
    // Too long a form of a slash, half of a pair, and a byte order mark.
    ["/\xc0\xaf\xed\xa0\x80", "http://a/%C0%AF%ED%A0%80"],
    ["\xef\xbb\xbf/x", "http://a/b/%EF%BB%BF/x"],
    ["\xa0", "http://a/b/%A0"]
  ])("is %j byte by byte, where they are no UTF-8", (location, expected) => {
    expect(led([location])).toBe(expected)
  })

  it.each(["http://b\xfccher.example/", "//\xff/", "http://[", "http://a:99999/", "", " \t ", "http://"])(
    "is bad of %j",
    (location) => expect(led([location])).toBe("bad")
  )

  it("is that of a client that has read UTF-8 before, unless it lost bytes", () => {
    expect(led(["/\uc548\u00e9"])).toBe(href("/\uc548\u00e9"))
    expect(led(["/caf\ufffd"])).toBe("bad")
  })

  it.each([
    ["/a b", "http://a/a%20b"],
    [" /a\tb \t", "http://a/ab"],
    ["\\x\\y", "http://a/x/y"],
    ["\\\\other\\x", "http://other/x"],
    ["//other/x", "http://other/x"],
    ["x", "http://a/b/x"],
    ["../../x", "http://a/x"],
    ["?x", "http://a/b/c?x"],
    ["?", "http://a/b/c?"],
    ["#x", "http://a/b/c?d"],
    ["/x#y", "http://a/x"],
    ["HTTP://A/x", "http://a/x"],
    ["https://a/x", "https://a/x"],
    ["mailto:a@b", "blocked"],
    ["file:///etc/passwd", "blocked"]
  ])("is, of %j, %s", (location, expected) => expect(led([location])).toBe(expected))

  it("is one of several lines that lead to the same, and bad where two differ", () => {
    expect(led(["/x", "/x"])).toBe("http://a/x")
    expect(led(["/x", "http://a/x#y", bytes("/x")])).toBe("http://a/x")
    expect(led(["/x", "/y"])).toBe("bad")
    expect(led(["/x", ""])).toBe("bad")
    expect(led(["", "/x"])).toBe("bad")
    expect(led(["/x", "http://u:p@a/x"])).toBe("bad")
  })

  it("is told of lines that a client joined with a comma", () => {
    const of = (header: string) => led(Redirects.joinedLocations(header))
    expect(of("/x, /x")).toBe("http://a/x")
    expect(of("x, x")).toBe("http://a/b/x")
    expect(of("http://b/, http://b/, http://b/")).toBe("http://b/")
    expect(of("/x, /y")).toBe("bad")
    expect(of("http://a/x, HTTPS://a/x")).toBe("bad")
    expect(of("/search?q=a, b")).toBe("http://a/search?q=a,%20b")
    expect(of("")).toBe("bad")
  })

  it("is not told of a client that gives each line: a comma belongs to the URL", () => {
    expect(led(Redirects.locations("/x, /y"))).toBe("http://a/x,%20/y")
    expect(led(Redirects.locations("/x\n/y"))).toBe("bad")
  })
})

describe("a trail of requests", () => {
  it("may come to a URL twice; the third time is a loop, and goes before max", () => {
    const trail = Redirects.makeTrail()
    const at = target("http://a/")
    const problem = (max: number) =>
      Either.match(Redirects.next(["/"], at, trail, max), {
        onLeft: (reason) => "problem" in reason ? reason.problem : reason._tag,
        onRight: () => "followed"
      })
    trail.add(at)
    expect([problem(1), problem(0)]).toEqual(["followed", "max"])
    trail.add(at)
    expect([problem(5), problem(1), problem(0)]).toEqual(["loop", "loop", "loop"])
  })
})

describe("the request after a redirect", () => {
  const callerHeaders = { cookie: "a=b", accept: "text/plain" }
  const elsewhere = { accept: "text/plain" }
  const first = { target: target("http://user:x@a/"), callerHeaders }

  it("keeps the caller's headers and the userinfo at its origin", () => {
    const next = Redirects.requestAfter(first, target("http://a/next"), elsewhere)
    expect(next).toEqual({ target: { ...first.target, path: "/next" }, callerHeaders })
  })

  it("leaves both behind at another origin, and where that one leads back", () => {
    const away = Redirects.requestAfter(first, target("http://b/"), elsewhere)
    expect(away).toEqual({ target: target("http://b/"), callerHeaders: elsewhere })
    expect(Redirects.requestAfter(away, target("http://a/"), elsewhere))
      .toEqual({ target: target("http://a/"), callerHeaders: elsewhere })
    expect(Redirects.requestAfter(first, target("http://b/")).callerHeaders).toEqual({})
  })
})
