import { describe, expect, it } from "@effect/vitest"
import { Repeated } from "../../src/input/EntryId.js"
import * as OutcomeGroup from "../../src/output/OutcomeGroup.js"

const url = "http://a.example/"

const entry = (id: OutcomeGroup.Entry["id"], isNumbered = false): OutcomeGroup.Entry => ({
  id,
  idText: String(id instanceof Repeated ? id.id : id),
  url,
  line: 5,
  isNumbered
})

describe("OutcomeGroup", () => {
  it("is the URL alone where the id may be the number of a line, which is the label then", () => {
    expect(OutcomeGroup.of("7", undefined, url)).toMatchObject({ kind: "url", label: 7 })
    expect(OutcomeGroup.of("7", undefined, url).text).toBe(OutcomeGroup.of("8", undefined, url).text)
  })

  it("is id and URL elsewhere, with the line as the label", () => {
    expect(OutcomeGroup.of("x", undefined, url)).toMatchObject({ kind: "pair", label: 0 })
    expect(OutcomeGroup.of("7", 3, url)).toMatchObject({ kind: "pair", label: 3 })
    expect(OutcomeGroup.of("x", 3, url).text).not.toBe(OutcomeGroup.of("y", 3, url).text)
    expect(OutcomeGroup.of(String(OutcomeGroup.labels), undefined, url).kind).toBe("pair")
  })

  it("has the other kind beside it for a number that is an id", () => {
    const kinds = (of: OutcomeGroup.Entry) =>
      OutcomeGroup.alternatives(OutcomeGroup.ofEntry(of), of).map(({ kind }) => kind)
    expect(kinds(entry(5, true))).toEqual(["url"])
    expect(kinds(entry("7"))).toEqual(["pair"])
    expect(kinds(entry(new Repeated("7", 5)))).toEqual(["pair", "url"])
    expect(kinds(entry("x"))).toEqual(["pair"])
  })

  it("makes the id by which another outcome is found", () => {
    const withLabel = (of: OutcomeGroup.Entry, label: number) =>
      OutcomeGroup.withLabel(OutcomeGroup.ofEntry(of), of, label)
    expect(withLabel(entry(5, true), 9)).toBe(9)
    expect(withLabel(entry("x"), 9)).toEqual(new Repeated("x", 9))
    expect(withLabel(entry(new Repeated("x", 5)), 0)).toBe("x")
    expect(withLabel(entry("7"), 9)).toBe("7")
  })

  it("tells bad rows from entries, and by line and message", () => {
    expect(OutcomeGroup.badRowText(1, "a")).not.toBe(OutcomeGroup.badRowText(2, "a"))
    expect(OutcomeGroup.badRowText(1, "a")).not.toBe(OutcomeGroup.badRowText(1, "b"))
    expect(OutcomeGroup.badRowText(1, "a")).toMatch(/^b/)
  })
})
