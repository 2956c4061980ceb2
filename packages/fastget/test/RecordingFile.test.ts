import type { Exchange } from "#internal/recording/Exchange"
import * as Exchanges from "#internal/recording/Exchange"
import * as RecordingFile from "#internal/recording/RecordingFile"
import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { RecordingError } from "fastget"

const answered = (url: string, body: string): Exchange => ({ url, status: 200, headers: {}, body })

const exchanges: ReadonlyArray<Exchange> = [
  answered("http://a/2", "{\"n\":1}"),
  { url: "http://a/1", failure: { _tag: "Timeout", phase: "headers", limit: 10 } },
  { url: "http://a/3", status: 200, headers: { "x-page": "1" }, body: "/w==", encoding: "base64" },
  answered("http://a/2", "two\nlines"),
  { url: "http://a/1", givenUp: true }
]

const text = RecordingFile.print(exchanges)

const problemOf = (text: string) => {
  const reason = Either.getOrThrow(Either.flip(RecordingFile.parse(text)))
  return new RecordingError.RecordingError({ file: "a.ndjson", reason }).message
}

describe("the file of a recording", () => {
  it("has the requests by their URLs, and those of a URL in their order", () => {
    expect(text.split("\n")).toEqual([
      "{\"recording\":\"fastget\",\"version\":1}",
      "{\"url\":\"http://a/1\",\"failure\":{\"_tag\":\"Timeout\",\"phase\":\"headers\",\"limit\":10}}",
      "{\"url\":\"http://a/1\",\"givenUp\":true}",
      "{\"url\":\"http://a/2\",\"status\":200,\"headers\":{},\"body\":\"{\\\"n\\\":1}\"}",
      "{\"url\":\"http://a/2\",\"status\":200,\"headers\":{},\"body\":\"two\\nlines\"}",
      "{\"url\":\"http://a/3\",\"status\":200,\"headers\":{\"x-page\":\"1\"},\"body\":\"/w==\",\"encoding\":\"base64\"}",
      ""
    ])
  })

  it("is read as it was written, also with the ends of lines of Windows", () => {
    const read = Either.getOrThrow(RecordingFile.parse(text.replaceAll("\n", "\r\n")))
    expect(RecordingFile.print(read)).toBe(text)
    const bytes = read.find(({ url }) => url === "http://a/3")
    expect(bytes !== undefined && "status" in bytes && Exchanges.bodyOf(bytes)).toEqual(new Uint8Array([255]))
  })

  it.each<readonly [line: string, message: string]>([
    ["{", "Line 7 of the recording a.ndjson can't be read: it is no JSON"],
    ["[]", "Line 7"],
    ["{\"url\":\"http://a\",\"status\":99,\"headers\":{},\"body\":\"s3cr3t\"}", "its status is not what it has to be"],
    ["{\"url\":\"http://a\",\"status\":200,\"headers\":{},\"body\":\"*\",\"encoding\":\"base64\"}", "Line 7"],
    ["{\"url\":\"http://a\",\"failure\":{\"_tag\":\"Nothing\"}}", "Line 7"]
  ])("names the line that is damaged, and shows nothing of it: %s", (line, message) => {
    const problem = problemOf(`${text}${line}\n`)
    expect(problem).toContain(message)
    expect(problem).not.toContain("s3cr3t")
  })

  it("is refused where it is none, or of another version", () => {
    expect(problemOf("")).toBe(
      "Line 1 of the recording a.ndjson can't be read: it is not the first line of a recording"
    )
    expect(problemOf("{\"recording\":\"fastget\",\"version\":2}\n"))
      .toBe("The recording a.ndjson has version 2 of the format, this library 1: record it again")
  })
})
