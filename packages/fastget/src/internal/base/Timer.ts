/**
 * A timer as a value, so that what waits can be tested in virtual time.
 */

/** Calls `f` once after `ms` milliseconds, unless the returned function is called first. */
export type SetTimer = (f: () => void, ms: number) => () => void

/** The platform's timer. The process does not stay alive for it. */
export const unreferenced: SetTimer = (f, ms) => {
  const timer: unknown = setTimeout(f, ms)
  // In browsers a timer is a number, and there is no process to keep.
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function") {
    timer.unref()
  }
  return () => clearTimeout(timer as ReturnType<typeof setTimeout>)
}

/** The platform's timer. The process stays alive for it. */
export const referenced: SetTimer = (f, ms) => {
  const timer = setTimeout(f, ms)
  return () => clearTimeout(timer)
}
