import * as AnswerHeads from "#internal/sockets/AnswerHeads"
import { describe, expect, it } from "@effect/vitest"
import * as Net from "node:net"

const interim = "HTTP/1.1 102 Processing\r\n\r\n"
const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"

/** What a reader of the socket gets of these pieces, the first and the second answer to a request. */
const read = (pieces: ReadonlyArray<string>, most = 1000): string => {
  const socket = new Net.Socket()
  AnswerHeads.mend(socket, most)
  for (const piece of pieces) socket.push(Buffer.from(piece, "latin1"))
  const parts: Array<string> = []
  for (let part: Buffer | null = socket.read(); part !== null; part = socket.read()) parts.push(part.toString("latin1"))
  return parts.join("")
}

const texts = {
  "an answer": [answer, answer],
  "a 100": [`HTTP/1.1 100 Continue\r\n\r\n${answer}`, interim + answer],
  "several, with headers, closing, of HTTP/1.0, after line breaks": [
    `\r\n\r\nHTTP/1.0 100 C\r\nconnection: close\r\n\r\nHTTP/1.1 103 Early\r\nlink: <a>\r\n\r\nHTTP/1.1 199\r\n\r\n${answer}`,
    interim + interim + interim + answer
  ],
  "a 100 with bare line feeds": [`HTTP/1.1 100 Continue\nx: y\n\n${answer}`, interim + answer],
  "a 304 with a length": [
    "HTTP/1.1 304 Not Modified\r\nETag: \"\u00e9\"\r\nContent-Length: 12\r\nx: content-length: 3\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nETag: \"\u00e9\"\r\n!Content-Length: 12\r\nx: content-length: 3\r\n\r\n"
  ],
  "a 204 without one": ["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"],
  "a 404, whose status ends in a 4, too": ["HTTP/1.1 404 X\r\ncontent-length: 1\r\n\r\nx", undefined],
  "a 101": ["HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\nHTTP/1.1 100 C\r\n\r\n", undefined],
  "a body that looks like a 100": [
    `HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n`,
    undefined
  ],
  "a status of four digits": ["HTTP/1.1 1000 X\r\n\r\n", undefined],
  "what is no HTTP": ["SSH-2.0-OpenSSH_9.6\r\n", undefined],
  "what begins like HTTP": ["HTTPS/1.1 200 OK\r\n\r\n", undefined]
} as const

describe("the head of an answer", () => {
  it.each(Object.entries(texts))("is given on as it may be read, whole and cut anywhere: %s", (_, [given, wanted]) => {
    for (let cut = 1; cut <= given.length; cut++) {
      expect(read([given.slice(0, cut), given.slice(cut)].filter((piece) => piece !== "")), `cut at ${cut}`)
        .toBe(wanted ?? given)
    }
    expect(read([...given])).toBe(wanted ?? given)
  })

  it("that is longer than the headers may be is held no longer", () => {
    const long = `HTTP/1.1 103 Early Hints\r\nx: ${"y".repeat(1000)}`
    expect(read([...long], 500)).toBe(long)
  })
})
