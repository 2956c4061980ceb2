import { expect, it } from "@effect/vitest"
import * as Chart from "../../src/report/Chart.js"
import * as Html from "../../src/report/Html.js"

it("makes steps of 1, 2 or 5, as round as they are written", () => {
  expect(Chart.steps(10, 4)).toEqual([0, 5, 10])
  expect(Chart.steps(0.3, 3)).toEqual([0, 0.1, 0.2, 0.3])
  expect(Chart.steps(1700, 4)).toEqual([0, 500, 1000, 1500, 2000])
})

it("draws each chart in both sizes, with its numbers inside of the frame", () => {
  const { markup } = Chart.chart("a label", (frame) => {
    expect([Chart.x(frame, 0), Chart.x(frame, 1)]).toEqual([frame.left, frame.right])
    expect([Chart.y(frame, 0), Chart.y(frame, 1)]).toEqual([frame.bottom, frame.top])
    return Html.trusted(`<g>${frame.name}</g>`)
  })
  expect(markup.match(/<g>\w+<\/g>/g)).toEqual(["<g>wide</g>", "<g>narrow</g>"])
  expect(markup).toContain("aria-label=\"a label\"")
})
