// Whatever runs outside this process must not outlive it: a cluster that an interrupted run leaves behind would load
// the next measurement.
const cleanups = new Set<() => Promise<void>>();

/** `cleanup` is called when the run is interrupted; the answer takes it back. */
export function onInterrupt(cleanup: () => Promise<void>): () => void {
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
  };
}

/** What is left is ended; a cleanup that fails does not keep the others from being done. */
export async function cleanUp(): Promise<void> {
  await Promise.allSettled([...cleanups].map((cleanup) => cleanup()));
}

/** The conventional exit code of a process that a signal ended. */
const exitCodeOf = { SIGINT: 130, SIGTERM: 143 } as const;

/** From now on Ctrl-C and SIGTERM end the run with everything cleaned up. */
export function endTidily(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      process.stderr.write("interrupted: stopping what was started\n");
      void cleanUp().then(() => process.exit(exitCodeOf[signal]));
    });
  }
}
