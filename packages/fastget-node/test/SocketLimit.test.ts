import type { Open } from "#internal/sockets/SocketLimit"
import { SocketLimit } from "#internal/sockets/SocketLimit"
import { describe, expect, it } from "@effect/vitest"

/** Connections under a limit of two: those that were made, and those that are being closed. */
const make = () => {
  const limit = new SocketLimit(2)
  const made: Array<Open & { idle: boolean }> = []
  const closing: Array<Open> = []
  const connect = () =>
    limit.acquire(() => {
      const connection = { idle: false, isIdle: () => connection.idle, close: () => void closing.push(connection) }
      made.push(connection)
      limit.opened(connection)
    })
  return { limit, made, closing, connect }
}

describe("a limit on connections", () => {
  it("has one that is wanted wait until another is closed", () => {
    const { connect, limit, made } = make()
    for (let i = 0; i < 4; i++) connect()
    expect(made.length).toBe(2)
    limit.closed(made[0]!)
    expect(made.length).toBe(3)
    limit.closed(made[1]!)
    limit.closed(made[2]!)
    limit.closed(made[3]!)
    expect([made.length, limit.tryAcquire(), limit.tryAcquire(), limit.tryAcquire()]).toEqual([4, true, true, false])
  })

  it("closes the oldest that idles for one that is wanted, and one only", () => {
    const { closing, connect, limit, made } = make()
    connect()
    connect()
    for (const connection of made) connection.idle = true
    connect()
    limit.closeIdle()
    expect(closing).toEqual([made[0]])
    limit.closed(made[0]!)
    expect(made.length).toBe(3)
  })

  it("closes one that idles later, and none where nobody waits", () => {
    const { closing, connect, limit, made } = make()
    connect()
    connect()
    made[1]!.idle = true
    limit.closeIdle()
    expect(closing).toEqual([])
    made[1]!.idle = false
    connect()
    expect(closing).toEqual([])
    made[1]!.idle = true
    limit.closeIdle()
    expect(closing).toEqual([made[1]])
  })

  it("gives no permit beyond it, and one that was given back to whoever waits first", () => {
    const { connect, limit, made } = make()
    connect()
    expect([limit.tryAcquire(), limit.tryAcquire()]).toEqual([true, false])
    connect()
    limit.release()
    expect([made.length, limit.tryAcquire()]).toEqual([2, false])
  })

  it("that is shut down connects no one who waits", () => {
    const { connect, limit, made } = make()
    for (let i = 0; i < 3; i++) connect()
    limit.shutDown()
    limit.closed(made[0]!)
    expect(made.length).toBe(2)
  })
})
