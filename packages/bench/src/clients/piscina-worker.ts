/** The worker file of `piscina`: asks for a chunk of URLs. */
import { workerData } from "piscina"
import { Agent, request } from "undici"
import * as Measure from "../Measure.js"

const { connections } = workerData as { readonly connections: number }
const dispatcher = new Agent({ connections })

export default async (urls: ReadonlyArray<string>): Promise<ReadonlyArray<unknown>> => {
  const jsons: Array<unknown> = []
  await Measure.loops(connections, urls.length, async (n) => {
    const { body } = await request(urls[n]!, { dispatcher })
    jsons[n] = await body.json()
  })
  return jsons
}
