// A process that opens a data directory and appends until it is killed. It prints "open" and then the index
// of each append that was acknowledged.
import { silentLogger } from "../../../src/base/logger.ts";
import { index } from "../../../src/base/numbers.ts";
import { openDataDirectory } from "../../../src/storage/data-directory.ts";
import { entry, hardState, snapshotMeta } from "../../conformance/storage/harness.ts";

const { log } = await openDataDirectory({ dir: process.argv[2] ?? "", logger: silentLogger });
process.stdout.write("open\n");
for (let at = log.view.lastIndex() + 1; ; at += 1) {
  await log.append({ entries: [entry(at, 1)], hardState: hardState(1, 1, at) });
  if (at % 50 === 0) await log.compact(snapshotMeta(0, 0), index(1));
  process.stdout.write(`${String(at)}\n`);
}
