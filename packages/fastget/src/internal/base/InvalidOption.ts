/**
 * The defect of a program that gives an option which can't be.
 */
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Inspectable from "effect/Inspectable"

/**
 * An option was out of its range, does not exist, or has no meaning where it
 * was given. Raised as a defect where the layer or the stream is made: a program
 * that passes such an option has a bug. `problem` says more where there is more
 * to say. Nothing that may be a secret is in it: no header's value, no key, and
 * no value of an option that does not exist.
 */
export class InvalidOption extends Data.TaggedError("InvalidOption")<{
  readonly option: string
  readonly value: string
  readonly range: string
  readonly problem?: string
}> {
  override get message(): string {
    const { option, problem = "", range, value } = this
    const why = [problem, range === "" ? "" : `it takes ${range}`].filter((part) => part !== "").join("; ")
    return `The option ${option} can't be ${value}: ${why}`
  }
}

/** A value as it is shown. */
export const show = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value)
  return Duration.isDuration(value) ? Duration.format(value) : Inspectable.toStringUnknown(value, 0)
}
