/** The order of the files of tests: the checks begin first, then what takes longest, so that nothing long is left for the end. */
import { BaseSequencer, type TestSpecification } from "vitest/node"

const rankOf = (file: string): number => {
  if (file.endsWith("commands.long.test.ts")) return 0
  return file.endsWith(".long.test.ts") ? 1 : 2
}

export default class Order extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => rankOf(a.moduleId) - rankOf(b.moduleId))
  }
}
