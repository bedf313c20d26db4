// The server process below a sentinel (or by hand, then without a runner).
import { runServerProcess } from "../server/process.ts";

await runServerProcess({ argv: process.argv.slice(2), environment: process.env, self: process });
