/**
 * The option `concurrency`: "unbounded", "adaptive", or a number of entries.
 */
import * as OptionField from "../../platform/OptionField.js"
import { readNumber, text } from "../base/ConfigText.js"

const range = "\"unbounded\", \"adaptive\" or a whole number from 1"

export const concurrency = <S extends OptionField.Scope>(options: {
  readonly scope: S
  readonly description: string
}) =>
  OptionField.field<number | "unbounded" | "adaptive", number | "adaptive", S>({
    ...options,
    default: Infinity,
    shown: "\"unbounded\"",
    range,
    parse: (n) => n === "unbounded" ? Infinity : n === "adaptive" || (Number.isInteger(n) && n >= 1) ? n : undefined,
    config: text(range, (given) => given === "unbounded" || given === "adaptive" ? given : readNumber(given))
  })
