/**
 * A run as one self-contained page.
 */
import type { Snapshot } from "./RunStatistics.js"

export const html = (snapshot: Snapshot): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>fastget</title><pre>${
    JSON.stringify(snapshot).replaceAll("<", "&lt;")
  }</pre></html>\n`
