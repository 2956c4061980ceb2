/**
 * Hands a request to undici, 7 or 8, and takes its callbacks in one form: that
 * of undici 8, which undici 7 knows, too.
 *
 * Undici 7 makes that form of its older one, and for each answer an object of
 * all its headers, which nobody here reads. It costs 12% of the time of a small
 * answer on Node 20, and 11% on Node 24 (docs/decisions/0023-undici-7-and-8.md).
 * So undici 7 is given its older form, by `OlderHandler`; it goes with undici 7.
 */
import * as Undici from "undici"

/** What undici 8 calls a request's controller, as far as it is wanted here. */
export interface Controller {
  /** Names and values in turn; for HTTP/1.1 they are Buffers. */
  readonly rawHeaders?: unknown
  /** Closes the connection. */
  abort(reason?: Error): void
}

/** The callbacks of one request. */
export interface Handler {
  /** A connection is there, and the request is about to be written. */
  onRequestStart(controller: Controller): void
  /** The first byte of the answer has come. */
  onResponseStarted(): void
  /** A whole head has come; that of an interim answer, too. */
  onResponseStart(controller: Controller, status: number): void
  onResponseData(controller: Controller, part: Buffer): void
  onResponseEnd(): void
  /** Without a controller where there was no connection yet. */
  onResponseError(controller: Controller | null, error: Error): void
}

/** A GET as undici takes it; `headers` are names and values in turn. */
export interface Request extends Undici.Dispatcher.DispatchOptions {
  readonly origin: string
}

/** Makes a request without undici's own limits of time: whoever sends it keeps them, with one timer for all. */
export const request = (origin: string, path: string, headers: ReadonlyArray<string>): Request => ({
  origin,
  path,
  method: "GET",
  headers: headers as Array<string>,
  headersTimeout: 0,
  bodyTimeout: 0
})

/** Sends a request. Throws, or calls `onResponseError`, where undici refuses it. */
export const send = (dispatcher: Undici.Dispatcher, request: Request, handler: Handler): void => {
  takesOlder ??= askForm()
  dispatcher.dispatch(request, takesOlder ? new OlderHandler(handler) : handler as Undici.Dispatcher.DispatchHandler)
}

let takesOlder: boolean | undefined

/** Whether this undici takes the older form. A client that is closed calls back with its refusal at once, or throws. */
const askForm = (): boolean => {
  const client = new Undici.Client("http://localhost")
  void client.destroy()
  let isCalled = false
  const older: Undici.Dispatcher.DispatchHandler = {
    onError: () => {
      isCalled = true
    }
  }
  try {
    client.dispatch({ path: "/", method: "GET" }, older)
  } catch {
    // Undici 8 throws, because it finds no callback of its form.
  }
  return isCalled
}

/** The older form's callbacks, and the controller of the newer one. */
class OlderHandler implements Controller, Undici.Dispatcher.DispatchHandler {
  rawHeaders: Array<Buffer> | undefined
  abort: (reason?: Error) => void = neverStarted

  constructor(private readonly handler: Handler) {}

  onConnect(abort: (reason?: Error) => void): void {
    this.abort = abort
    this.handler.onRequestStart(this)
  }

  onResponseStarted(): void {
    this.handler.onResponseStarted()
  }

  onHeaders(status: number, rawHeaders: Array<Buffer>): boolean {
    this.rawHeaders = rawHeaders
    this.handler.onResponseStart(this, status)
    return true
  }

  onData(part: Buffer): boolean {
    this.handler.onResponseData(this, part)
    return true
  }

  onComplete(): void {
    this.handler.onResponseEnd()
  }

  onError(error: Error): void {
    this.handler.onResponseError(this, error)
  }
}

/** There is nothing to close before a connection is there. */
const neverStarted = (): void => {}
