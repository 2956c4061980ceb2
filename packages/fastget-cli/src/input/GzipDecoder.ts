/**
 * zlib's decoder of gzip, asked for what it has: compressed bytes are written,
 * unpacked ones are taken, and it says when it needs more. It ends where bytes
 * follow that belong to no member of the file, and gives them back.
 */
import * as Effect from "effect/Effect"
import * as Zlib from "node:zlib"

/** How much is unpacked at once, in bytes. */
const pieceSize = 64 * 1024

export class GzipDecoder {
  private readonly gunzip = Zlib.createGunzip({ chunkSize: pieceSize })
  private bytesWritten = 0
  private lastWritten: Buffer = Buffer.alloc(0)
  private isHungry = false
  private hasEnded = false
  private failure: Error | undefined
  private hasChanged = false
  private wake: (() => void) | undefined

  constructor() {
    this.gunzip.on("readable", () => this.changed())
    this.gunzip.on("end", () => {
      this.hasEnded = true
      this.changed()
    })
    this.gunzip.on("error", (error) => {
      this.failure = error
      this.changed()
    })
  }

  /** Gives compressed bytes, which must stay as they are until it is hungry again. */
  write(bytes: Buffer): void {
    this.isHungry = false
    this.bytesWritten += bytes.length
    this.lastWritten = bytes
    this.gunzip.write(bytes, () => {
      this.isHungry = true
      this.changed()
    })
  }

  /** There are no more. */
  end(): void {
    this.isHungry = false
    this.gunzip.end()
  }

  destroy(): void {
    this.gunzip.destroy()
  }

  /** What it has to give; else what it waits for, how it failed, or that it has ended and what it did not take. */
  readonly next: Effect.Effect<Buffer | "hungry" | { readonly rest: Buffer } | Error> = Effect.suspend(() => {
    this.hasChanged = false
    const bytes = this.gunzip.read() as Buffer | null
    if (bytes !== null) return Effect.succeed(bytes)
    if (this.failure !== undefined) return Effect.succeed(this.failure)
    // zlib does not take the zeros that may follow the last member.
    const untaken = this.bytesWritten - this.gunzip.bytesWritten
    if (this.hasEnded || (this.isHungry && untaken > 0)) {
      return Effect.succeed({ rest: this.lastWritten.subarray(this.lastWritten.length - untaken) })
    }
    if (this.isHungry) return Effect.succeed("hungry" as const)
    return Effect.zipRight(this.change, this.next)
  })

  private readonly change = Effect.async<void>((resume) => {
    if (this.hasChanged) resume(Effect.void)
    else this.wake = () => resume(Effect.void)
  })

  private changed(): void {
    this.hasChanged = true
    this.wake?.()
  }
}
