/**
 * Rows of the table that wait for the end of their chunk, so that all of it is
 * written at once. Their bytes have two bounds: of one chunk, and of all chunks
 * of a runner together. Beyond, what a chunk has is written before its end.
 */
import type { NewRow } from "./TableSink.js"

/** Bytes of rows of a chunk. */
const mostOfChunk = 8 * 1024 * 1024

/** Bytes of rows of all chunks of a runner. */
const mostOfRunner = 64 * 1024 * 1024

/** What is about the texts of a row, in bytes. */
const aroundTexts = 200

/** The bytes of all chunks of a runner, until they are written. */
export interface RunnerBytes {
  bytes: number
}

export class WaitingRows {
  private rows: Array<NewRow> = []
  private bytes = 0

  constructor(private readonly runner: RunnerBytes) {}

  add(rows: ReadonlyArray<NewRow>): void {
    for (const row of rows) {
      this.rows.push(row)
      this.count(sizeOf(row))
    }
  }

  /** Whether they are to be written now. */
  isTooMuch(): boolean {
    return this.bytes > mostOfChunk || this.runner.bytes > mostOfRunner
  }

  /** The rows, which count until `written`. No others are added meanwhile. */
  take(): ReadonlyArray<NewRow> {
    const { rows } = this
    this.rows = []
    return rows
  }

  /** What was taken is written, or given up. */
  written(): void {
    this.count(-this.bytes)
  }

  private count(bytes: number): void {
    this.bytes += bytes
    this.runner.bytes += bytes
  }
}

const sizeOf = ({ error, id, json, url }: NewRow): number =>
  aroundTexts + id.length + url.length + (json?.length ?? 0) + (error?.length ?? 0)
