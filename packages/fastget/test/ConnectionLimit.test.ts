import { ConnectionLimit } from "#internal/origin/ConnectionLimit"
import { describe, expect, it } from "@effect/vitest"

describe("ConnectionLimit", () => {
  it("has room at an origin up to the bound of each, and for any up to the bound on all", () => {
    const limit = new ConnectionLimit(2, 3)
    const [a, b] = [{ active: 0 }, { active: 0 }]
    limit.take(a)
    limit.take(a)
    expect([limit.hasRoomAt(a), limit.hasRoomAt(b), limit.hasRoom()]).toEqual([false, true, true])
    limit.take(b)
    expect([limit.hasRoomAt(b), limit.hasRoom()]).toEqual([true, false])
    limit.release(a)
    expect([limit.hasRoomAt(a), limit.hasRoom(), a.active, b.active]).toEqual([true, true, 1, 1])
  })
})
