// End-to-end tests start what a user starts, dist/bin/quorate.js: it is built before the first of them.
import { ensureBuilt } from "./build.ts";

export default function setup(): void {
  ensureBuilt();
}
