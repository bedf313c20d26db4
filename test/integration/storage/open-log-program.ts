// Opens the logs that it is told of, one after the other. A process of its own: LevelDB ends the process that finds some
// kinds of damage, and a test wants to say so and go on.
import { openAndLook } from "./opened-log.ts";

process.on("message", (directory: string) => {
  void openAndLook(directory).then((opened) => process.send?.(opened));
});
