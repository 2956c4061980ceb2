import * as LearnedRate from "#internal/traffic/LearnedRate"
import * as OriginState from "#internal/traffic/OriginState"
import { describe, expect, it } from "@effect/vitest"

/** As many requests as may be sent until `end`, asked for each millisecond. */
const sendUntil = (state: OriginState.OriginState, from: number, end: number): number => {
  let sent = 0
  for (let now = from; now < end; now++) {
    while (state.phase !== 0 && LearnedRate.wait(state, now) === 0) {
      LearnedRate.take(state, now)
      sent++
      state.good++
    }
  }
  return sent
}

const close = (state: OriginState.OriginState, now: number, admitted = 0) => {
  LearnedRate.closed(state, now, () => admitted)
  state.epoch++
  state.good = 0
}

const open = (state: OriginState.OriginState, now: number) => {
  state.openedBefore = state.openedAt
  state.openedAt = now
  state.good = 1
  LearnedRate.opened(state, now)
}

/** Refused at 1,000 after `admitted` requests, and open again a second later. */
const afterFirst = (admitted: number) => {
  const state = { ...OriginState.initial(), startedAt: 999 }
  close(state, 1000, admitted)
  open(state, 2000)
  return state
}

describe("a learned rate", () => {
  it("is none before anything was refused", () => {
    const state = OriginState.initial()
    LearnedRate.take(state, 1000)
    expect(LearnedRate.wait(state, 1000)).toBe(0)
    expect(state.rate).toBe(0)
  })

  it("is none where the gate opens and nothing was counted", () => {
    const state = OriginState.initial()
    LearnedRate.opened(state, 1000)
    expect(state).toEqual(OriginState.initial())
  })

  it("begins with a burst of what was admitted before the refusal, over 60 ms and not at once", () => {
    const state = afterFirst(100)
    expect(sendUntil(state, 2000, 2001)).toBeLessThan(50)
    expect(sendUntil(state, 2001, 2065)).toBeGreaterThan(60)
  })

  it("grows after the burst while it is used", () => {
    const state = afterFirst(20)
    sendUntil(state, 2000, 2500)
    expect(state.rate).toBeGreaterThan(100)
  })

  it("does not grow by a pause", () => {
    const state = afterFirst(20)
    sendUntil(state, 2000, 2100)
    const { rate } = state
    sendUntil(state, 60_000, 60_001)
    expect(state.rate).toBeLessThan(2 * rate)
  })

  it("counts what was sent before the gate closed and answered after it", () => {
    const state = { ...OriginState.initial(), startedAt: 999 }
    close(state, 1000, 10)
    for (let n = 0; n < 10; n++) LearnedRate.answeredLate(state, 0)
    open(state, 2000)
    expect(state.capacity).toBe(20)
    LearnedRate.answeredLate(state, 0)
    expect(state.capacity).toBe(20)
  })

  it("keeps what was counted where a wait was too short and nothing was admitted", () => {
    const state = { ...OriginState.initial(), startedAt: 999 }
    close(state, 1000, 40)
    close(state, 1500, 0)
    open(state, 2500)
    expect(state.capacity).toBe(40)
  })

  it("is settled by the second refusal, stays for a while, and then grows ever faster", () => {
    const state = afterFirst(20)
    sendUntil(state, 2000, 2500)
    close(state, 2500)
    open(state, 3500)
    expect(state.phase).toBe(2)
    const { rate } = state
    sendUntil(state, 3500, 12_600)
    expect(state.rate).toBe(rate)
    sendUntil(state, 12_600, 13_600)
    expect(state.rate).toBeGreaterThan(1.9 * rate)
  })

  it("is settled where turns that come late are made up for", () => {
    const state = afterFirst(20)
    sendUntil(state, 2000, 2500)
    close(state, 2500)
    open(state, 3500)
    const { rate } = state
    let sent = 0
    for (let now = 3600; now < 8600; now += 7) sent += sendUntil(state, now, now + 1)
    expect(sent / 5 / rate).toBeGreaterThan(0.97)
    expect(sent / 5 / rate).toBeLessThan(1.01)
  })

  it("is forgotten where it has grown to a multiple of all that was sustained", () => {
    const state = afterFirst(20)
    sendUntil(state, 2000, 2500)
    close(state, 2500)
    open(state, 3500)
    sendUntil(state, 3500, 16_000)
    expect(state.phase).toBe(0)
    expect(LearnedRate.wait(state, 16_000)).toBe(0)
  })

  it("is looked for anew where a wait of less than a second left room for a few requests only", () => {
    const state = { ...OriginState.initial(), startedAt: 999 }
    close(state, 1000, 100)
    open(state, 1050)
    state.good = 5
    close(state, 1060)
    open(state, 2060)
    expect(state.phase).toBe(1)
  })

  it("takes a turn back that was not used, of a burst and after it", () => {
    for (const [admitted, at] of [[100, 2000], [1, 2300], [20, 2200]] as const) {
      const state = afterFirst(admitted)
      sendUntil(state, 2000, at)
      const now = at + LearnedRate.wait(state, at)
      const { burstLeft, rate } = state
      for (let n = 0; n < 10; n++) {
        LearnedRate.take(state, now + n)
        LearnedRate.refund(state)
      }
      expect(LearnedRate.wait(state, now + 10)).toBeLessThan(1e-6)
      expect(state.burstLeft).toBe(burstLeft)
      expect(state.rate).toBe(rate)
    }
  })

  it("takes nothing back of what was taken before the gate opened", () => {
    const state = afterFirst(1)
    const { learnedTurnAt, rate } = state
    LearnedRate.refund(state)
    expect(state.rate).toBe(rate)
    expect(state.learnedTurnAt).toBe(learnedTurnAt)
  })
})
