/** Waits for what happens outside of the program: at a server, to a thread. */
import { Ticks } from "loopback"

/** Looks until the condition holds; a defect if it does not within so many milliseconds of a clock that others don't hold up. */
export const within = Ticks.within
