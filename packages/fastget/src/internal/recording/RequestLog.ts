/** An `HttpClient` that notes the requests that are made with it, oldest first. */
import * as HttpClient from "@effect/platform/HttpClient"

interface Noted {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

export interface RequestLog {
  readonly client: HttpClient.HttpClient
  readonly all: () => ReadonlyArray<Noted>
}

export const make = (inner: HttpClient.HttpClient): RequestLog => {
  const noted: Array<Noted> = []
  return {
    client: HttpClient.make((request, url) => {
      noted.push({ url, headers: { ...request.headers } })
      return inner.execute(request)
    }),
    all: () => [...noted]
  }
}
