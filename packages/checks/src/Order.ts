/** In which order the files of tests begin, and which of them `npm run test:quick` leaves out. */
import { BaseSequencer, type TestSpecification } from "vitest/node"

/**
 * The files that take longest, the longest first: they install packages, run
 * tools over the whole repository, end threads and processes again and again,
 * or wait for time-outs. The checks go before all of them. Each is named by its
 * package and its own name, wherever in the package it lies.
 */
export const long: ReadonlyArray<readonly [root: string, name: string]> = [
  ["packages/checks", "commands.test.ts"],
  ["packages/checks", "release.test.ts"],
  ["docs/examples", "site.test.ts"],
  ["packages/fastget-cluster", "Faults.test.ts"],
  ["packages/fastget-cluster", "JobDeaths.test.ts"],
  ["packages/fastget-cluster", "RateOverMachines.test.ts"],
  ["packages/fastget-cluster", "Deaths.test.ts"],
  ["packages/fastget-cluster", "FetchJob.test.ts"],
  ["packages/fastget-node", "Supervision.test.ts"],
  ["packages/fastget-node", "DeadlyEntries.test.ts"],
  ["packages/fastget-node", "EndingThreads.test.ts"],
  ["packages/fastget-node", "WorkerOptions.test.ts"],
  ["packages/fastget-cli", "ChangedList.test.ts"],
  ["packages/fastget-node", "connect.test.ts"],
  ["packages/fastget-node", "workers.test.ts"],
  ["packages/fastget-cli", "Terminal.test.ts"],
  ["docs/examples", "workers.test.ts"],
  ["docs/examples", "extracted.test.ts"],
  ["packages/fastget-cli", "LiveInput.test.ts"],
  ["packages/fastget-cli", "Resume.test.ts"],
  ["packages/fastget-cli", "OldOutputs.test.ts"],
  ["packages/fastget-cli", "Streams.test.ts"],
  ["packages/fastget-cli", "Suspension.test.ts"],
  ["packages/fastget-node", "BufferedBytes.test.ts"],
  ["packages/fastget-node", "Drain.test.ts"],
  ["packages/fastget-node", "status.test.ts"],
  ["packages/fastget-node", "headers.test.ts"],
  ["packages/fastget-node", "streams.test.ts"],
  ["packages/fastget-node", "Packed.test.ts"],
  ["packages/fastget-cli", "Packed.test.ts"],
  ["packages/fastget-node", "body.test.ts"],
  ["packages/fastget-cli", "OutputNames.test.ts"],
  ["packages/fastget-cli", "OutputLock.test.ts"],
  ["packages/fastget-cli", "SameFile.test.ts"],
  ["packages/fastget-cli", "Output.test.ts"],
  ["packages/fastget-cli", "Input.test.ts"],
  ["packages/fastget-node", "Law.test.ts"],
  ["docs/examples", "examples.test.ts"],
  ["packages/fastget-node", "tls.test.ts"],
  ["packages/fastget-node", "encodings.test.ts"],
  ["packages/fastget-node", "security.test.ts"],
  ["packages/fastget-node", "matrix.test.ts"],
  ["docs/examples", "documents.test.ts"],
  ["packages/soak", "soak.test.ts"],
  ["packages/bench", "bench.test.ts"]
]

/** Whether a file of tests, by its path in the folder, is one of the long ones. */
export const isLong = (root: string, file: string): boolean => rankOf(`/${root}/${file}`) < long.length

/** The long ones first, so that none is left for the end, where cores would stand idle. */
export const rankOf = (file: string): number => {
  const path = file.replaceAll("\\", "/")
  const rank = long.findIndex(([root, name]) => path.includes(`/${root}/`) && path.endsWith(`/${name}`))
  return rank === -1 ? long.length : rank
}

export default class Order extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const sorted = await super.sort(files)
    return sorted.sort((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId))
  }
}
