/**
 * Shows how a run goes on, on stderr, until its scope closes.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { RunStatistics } from "./RunStatistics.js"

export interface Options {
  readonly quiet: boolean
  readonly isTerminal: boolean
}

export const show = (_statistics: RunStatistics, _options: Options): Effect.Effect<void, never, Scope.Scope> =>
  Effect.void
