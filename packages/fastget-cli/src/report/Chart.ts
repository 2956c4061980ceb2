/**
 * What charts have in common: axes with readable steps, a frame, and two sizes
 * of each, since text in a drawing that is scaled down can't be read.
 */
import type { Html } from "./Html.js"
import { html } from "./Html.js"

/** The drawing's size and the edges of the plot in it. */
export interface Frame {
  readonly name: "wide" | "narrow"
  readonly width: number
  readonly height: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

export interface Tick {
  /** From 0 to 1. */
  readonly at: number
  readonly label: string
}

const frames: ReadonlyArray<Frame> = [
  { name: "wide", width: 940, height: 280, left: 56, right: 930, top: 48, bottom: 236 },
  { name: "narrow", width: 340, height: 250, left: 44, right: 334, top: 48, bottom: 206 }
]

/** Both sizes; the style shows one of them. */
export const chart = (label: string, draw: (frame: Frame) => Html): Html =>
  html`${
    frames.map((frame) =>
      html`<svg class="chart ${frame.name}" viewBox="0 0 ${frame.width} ${frame.height}" role="img" aria-label="${label}">${
        draw(frame)
      }</svg>`
    )
  }`

/** The x coordinate of a share of the width. */
export const x = ({ left, right }: Frame, share: number): number => round(left + share * (right - left))

/** The y coordinate of a share of the height. */
export const y = ({ bottom, top }: Frame, share: number): number => round(bottom - share * (bottom - top))

export const round = (n: number): number => Math.round(n * 10) / 10

/** Steps of 1, 2 or 5 times a power of ten, from 0 to the first that is not below `max`; about `count` of them. */
export const steps = (max: number, count: number): ReadonlyArray<number> => {
  const rough = max / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10)
  const last = Math.ceil(max / step - 1e-9)
  // Not a sum of steps, which would not be as round.
  return Array.from({ length: last + 1 }, (_, index) => Number((index * step).toPrecision(12)))
}

/** Both axes, with lines across for the vertical one. */
export const axes = (
  frame: Frame,
  { horizontal, horizontalUnit, vertical, verticalUnit }: {
    readonly horizontal: ReadonlyArray<Tick>
    readonly horizontalUnit: string
    readonly vertical: ReadonlyArray<Tick>
    readonly verticalUnit: string
  }
): Html =>
  html`<text x="0" y="12">${verticalUnit}</text>${
    vertical.map(({ at, label }) =>
      html`<line class="grid" x1="${frame.left}" x2="${frame.right}" y1="${y(frame, at)}" y2="${
        y(frame, at)
      }"/><text x="${frame.left - 8}" y="${y(frame, at) + 4}" text-anchor="end">${label}</text>`
    )
  }<line class="axis" x1="${frame.left}" x2="${frame.right}" y1="${frame.bottom}" y2="${frame.bottom}"/>${
    horizontal.map(({ at, label }) =>
      html`<line class="axis" x1="${x(frame, at)}" x2="${x(frame, at)}" y1="${frame.bottom}" y2="${
        frame.bottom + 4
      }"/><text x="${x(frame, at)}" y="${frame.bottom + 18}" text-anchor="${
        at > 0.97 ? "end" : "middle"
      }">${label}</text>`
    )
  }<text x="${frame.right}" y="${frame.height - 6}" text-anchor="end">${horizontalUnit}</text>`
