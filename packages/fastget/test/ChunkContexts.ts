/**
 * The context of a chunk's requests over a client, with nothing that limits
 * them: a test sets what it is about.
 */
import type { ChunkContext } from "#internal/http/ChunkContext"
import * as RetryBudget from "#internal/http/RetryBudget"
import type { GetSettings } from "#internal/wire/Chunk"
import * as SharedBytes from "#internal/wire/SharedBytes"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Either from "effect/Either"
import * as Target from "fastget/platform/Target"
import * as FakeHttpClient from "./FakeHttpClient.js"
import * as Gates from "./Gates.js"

export const defaults: GetSettings = {
  timeout: 1000,
  deadline: Infinity,
  retry: { times: 2, base: 100, cap: 1000, budget: Infinity },
  headers: {},
  maxRedirects: 3,
  maxBodyBytes: 1000,
  emptyBody: "fail",
  decodeTimeout: 1000
}

export const make = (
  client: HttpClient.HttpClient = FakeHttpClient.echoPath,
  { settings, ...options }: Partial<Omit<ChunkContext, "settings">> & { readonly settings?: Partial<GetSettings> } = {}
): ChunkContext => {
  const all = { ...defaults, ...settings }
  const { deadline, maxBodyBytes, timeout } = all
  return {
    client,
    keepsLimits: false,
    limits: { timeout, deadline, maxBodyBytes, kept: false },
    gate: Gates.make(2),
    budget: RetryBudget.make(),
    bytes: SharedBytes.join(1, SharedBytes.make(2 ** 20).chunk()),
    waitingFibers: new Set(),
    as: "json",
    withHeaders: false,
    decodeBody: undefined,
    settings: all,
    headersFor: () => all.headers,
    ...options
  }
}

export const target = (url: string): Target.Target => Either.getOrThrow(Target.parseUrl(url))

/** What an attempt ended in: its body as text, or its reason's name. */
export const endOf = ({ result }: { readonly result: Either.Either<Uint8Array, { readonly _tag: string }> }): string =>
  Either.match(result, { onLeft: ({ _tag }) => _tag, onRight: (body) => new TextDecoder().decode(body) })
