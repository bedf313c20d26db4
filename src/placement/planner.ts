// The front door of the room. Every function is pure and uses integers only: the same servers and jobs
// give the same plan on every machine and in any order of the inputs, so the leader, a test and the
// command line can all run it. Plans travel through the log as data and are never recomputed there.
//
// Repair now, balance later: `planRepair` is for the moment in which a server is lost, `planBalance` for
// quiet times; only the latter moves jobs that run.

/** Goes with every plan into the log; grows with each change that can alter a plan. */
export const algorithmVersion = 1;

export { planBalance } from "./balance.ts";
export { explain, explainedPreferencesMax } from "./explain.ts";
export { placeNew, planDrain, planRepair } from "./place.ts";
export { simulate } from "./simulate.ts";
