// Opens a data directory, says "open" or the code of what refused it, and then keeps it open until it is killed.
import { QuorateError } from "../../../src/base/errors.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { openDataDirectory } from "../../../src/storage/data-directory.ts";

async function tryIt(dir: string): Promise<string> {
  try {
    await openDataDirectory({ dir, logger: silentLogger });
    return "open";
  } catch (error) {
    if (error instanceof QuorateError) return error.code;
    throw error;
  }
}

process.on("message", (dir: string) => {
  void tryIt(dir).then((answer) => process.send?.(answer));
});
