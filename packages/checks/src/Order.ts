/** In which order the files of tests begin, and which of them `npm run test:quick` leaves out. */
import { BaseSequencer, type TestSpecification } from "vitest/node"

/**
 * The files that take longest, the longest first: they install packages, run
 * tools over the whole repository, end threads and processes again and again,
 * or wait for time-outs. The checks go before all of them.
 */
export const long: ReadonlyArray<string> = [
  "packages/checks/test/commands.test.ts",
  "packages/fastget-node/test/Supervision.test.ts",
  "packages/fastget-node/test/DeadlyEntries.test.ts",
  "packages/fastget-node/test/EndingThreads.test.ts",
  "packages/fastget-node/test/WorkerOptions.test.ts",
  "packages/fastget-cli/test/ChangedList.test.ts",
  "packages/fastget-node/test/faults/connect.test.ts",
  "packages/fastget-node/test/faults/workers.test.ts",
  "packages/fastget-cli/test/Terminal.test.ts",
  "docs/examples/workers.test.ts",
  "packages/fastget-cli/test/LiveInput.test.ts",
  "packages/fastget-cli/test/Resume.test.ts",
  "packages/fastget-cli/test/OldOutputs.test.ts",
  "packages/fastget-cli/test/Streams.test.ts",
  "packages/fastget-cli/test/Suspension.test.ts",
  "packages/fastget-node/test/BufferedBytes.test.ts",
  "packages/fastget-node/test/Drain.test.ts",
  "packages/fastget-node/test/faults/status.test.ts",
  "packages/fastget-node/test/faults/headers.test.ts",
  "packages/fastget-node/test/faults/streams.test.ts",
  "packages/fastget-node/test/Packed.test.ts",
  "packages/fastget-cli/test/Packed.test.ts",
  "packages/fastget-node/test/faults/body.test.ts",
  "packages/fastget-cli/test/OutputNames.test.ts",
  "packages/fastget-cli/test/OutputLock.test.ts",
  "packages/fastget-cli/test/SameFile.test.ts",
  "packages/fastget-cli/test/Output.test.ts",
  "packages/fastget-cli/test/Input.test.ts",
  "packages/fastget-node/test/Law.test.ts",
  "docs/examples/examples.test.ts",
  "packages/fastget-node/test/faults/tls.test.ts",
  "packages/fastget-node/test/faults/encodings.test.ts",
  "packages/fastget-node/test/faults/security.test.ts",
  "packages/fastget-node/test/faults/matrix.test.ts",
  "docs/examples/documents.test.ts",
  "packages/soak/test/soak.test.ts",
  "packages/bench/test/bench.test.ts"
]

/** The long ones first, so that none is left for the end, where cores would stand idle. */
export const rankOf = (file: string): number => {
  const rank = long.findIndex((path) => file.replaceAll("\\", "/").endsWith(`/${path}`))
  return rank === -1 ? long.length : rank
}

export default class Order extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const sorted = await super.sort(files)
    return sorted.sort((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId))
  }
}
