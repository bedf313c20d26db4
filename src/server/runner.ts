// The part of a server that runs jobs: an agent, joined to the sentinel that is this process's parent.
import { availableParallelism } from "node:os";
import { Agent } from "../runner/agent.ts";
import { LocalCluster } from "../runner/cluster/local.ts";
import { ResourceCache } from "../runner/executors/cache.ts";
import { pruneJobDirectories } from "../runner/executors/job-directories.ts";
import { ProcessExecutor } from "../runner/executors/process.ts";
import { cacheBytesDefaultMax } from "../runner/limits.ts";
import type { SentinelLink } from "../runner/sentinel-link.ts";
import type { ServerSettings } from "./config/settings.ts";
import type { ServerModules } from "./modules.ts";
import type { Services } from "./services.ts";

/** Starts under way at once, per core. */
const startsPerCore = 2;

export interface RunnerInputs {
  readonly settings: ServerSettings;
  readonly serverId: string;
  readonly services: Services;
  readonly link: SentinelLink;
  /** What every job inherits of this process's environment. */
  readonly jobEnvironment: Readonly<Record<string, string>>;
}

export function makeAgent(inputs: RunnerInputs, modules: ServerModules): Agent {
  const { settings, serverId, services, link, jobEnvironment } = inputs;
  const { dataDirectory } = settings;
  const logger = modules.logger.child({ room: "runner" });
  const cluster = new LocalCluster({ serverId }, services);
  const cache = new ResourceCache(
    { dataDirectory, bytesMax: cacheBytesDefaultMax },
    { cluster, wallClock: modules.wallClock },
  );
  const executor = new ProcessExecutor(
    {
      dataDirectory,
      baseEnv: { ...jobEnvironment, QUORATE_SERVER_ID: serverId },
      nodePath: process.execPath,
    },
    { cache },
  );
  return new Agent(
    { serverId, startsInflightMax: startsPerCore * availableParallelism() },
    {
      ...modules,
      cluster,
      link,
      executors: [executor],
      prune: async (inUse) => {
        await cache.prune(inUse.digests);
        await pruneJobDirectories(dataDirectory, inUse.jobs);
      },
      logger,
    },
  );
}
