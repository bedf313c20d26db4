// Everything that exists once this server belongs to a cluster: its copy of the log and the rooms built on it.

import { JobLogService } from "../api/job-logs.ts";
import type { ApiServices, ServerFacts } from "../api/services.ts";
import { peerId } from "../base/numbers.ts";
import { JobService } from "../distribution/jobs.ts";
import { PlannerInput } from "../distribution/planner-input.ts";
import { Rebalancer } from "../distribution/rebalancer.ts";
import { RingHasher } from "../placement/ring.ts";
import type { Admission } from "../registry/hello.ts";
import { KvService } from "../registry/kv.ts";
import { RenewalTable } from "../registry/lease-table.ts";
import { LeaseService } from "../registry/leases.ts";
import { MemberService } from "../registry/members.ts";
import { PeerActivity } from "../registry/peer-activity.ts";
import { ReturningVoters } from "../registry/returning-voters.ts";
import { ReplicaServer } from "../replica/replica-server.ts";
import { resourceBytesMax } from "../resources/limits.ts";
import { ResourceService } from "../resources/resource-service.ts";
import { UploadSweeper } from "../resources/upload-sweeper.ts";
import { LogReader } from "../runner/logs.ts";
import type { DataDirectory } from "../storage/contract.ts";
import type { PeerBoot, Transport } from "../transport/contract.ts";
import { leaseMsMin } from "./config/profiles.ts";
import type { ServerSettings } from "./config/settings.ts";
import type { DiskGuard } from "./disk-guard.ts";
import { type GuardedStores, makeGuardedStores } from "./disk-guarded-stores.ts";
import { stopAtDamage } from "./fail-stop.ts";
import type { ServerModules } from "./modules.ts";
import { PeerAddresses } from "./peer-addresses.ts";
import { quietRepeats } from "./system/quiet-repeats.ts";

export interface Services extends ApiServices {
  readonly replica: ReplicaServer;
  readonly members: MemberService;
  readonly resources: ResourceService;
  readonly addresses: PeerAddresses;
  readonly disk: DiskGuard;
}

export interface ServiceInputs {
  readonly settings: ServerSettings;
  readonly admission: Admission;
  readonly facts: Omit<ServerFacts, "clusterId">;
  readonly data: DataDirectory;
  readonly transport: Transport;
  readonly onFatal: (error: unknown) => void;
  readonly onRemoved: () => void;
}

function makeReplica(
  inputs: ServiceInputs,
  { log, chunks }: GuardedStores,
  modules: ServerModules,
): ReplicaServer {
  const { settings, admission, data, transport } = inputs;
  const snapshots = stopAtDamage(data.snapshots, inputs.onFatal);
  const { leaseReads, electionPriority } = settings;
  const { heartbeatMs, electionMinMs } = settings.profile;
  const self = peerId(admission.peerId);
  return new ReplicaServer(
    {
      identity: {
        clusterId: admission.clusterId,
        generation: admission.generation,
        peerId: self,
        boot: bootOf(data),
      },
      initialPeers: admission.members
        .map((member) => ({ peerId: peerId(member.peerId), address: member.peerAddress }))
        .filter((member) => member.peerId !== self),
      timing: { heartbeatMs, electionMinMs },
      leaseReads,
      electionPriority,
      onFatal: inputs.onFatal,
      onRemoved: inputs.onRemoved,
    },
    {
      ...modules,
      log,
      snapshots,
      chunks,
      transport,
      logger: quietRepeats(modules.logger.child({ room: "replica" }), modules.clock),
    },
  );
}

/** As the log is now, before anything was written in this life. */
function bootOf({ identity, log }: DataDirectory): PeerBoot {
  const { bootCounter: counter, bootNonce: nonce, earlierBoots, bootsKnownSince } = identity;
  return {
    counter,
    nonce,
    earlier: earlierBoots.map((each) => ({ counter: each.counter, nonce: each.nonce })),
    knownSince: bootsKnownSince,
    term: log.view.initialHardState().term,
    lastIndex: log.view.lastIndex(),
  };
}

/** Builds all rooms in the order of their dependence; nothing runs yet. */
export function makeServices(inputs: ServiceInputs, modules: ServerModules): Services {
  const { settings, admission, data, transport } = inputs;
  const { clock, wallClock, logger } = modules;
  const { clusterId, generation } = admission;
  const { dataDirectory: directory, isPaced } = settings;
  const { onFatal } = inputs;
  const stores = makeGuardedStores(data, { directory, onFatal, isPaced }, modules);
  const { chunks, care, disk } = stores;
  const addresses = new PeerAddresses(transport);
  const replica = makeReplica({ ...inputs, transport: addresses.byTable() }, stores, modules);
  const table = new RenewalTable({ replica, clock, logger: logger.child({ room: "registry" }) });
  const activity = new PeerActivity(settings.profile, { replica, clock });
  const hello = (address: string, request: Uint8Array, deadlineMs: number): Promise<Uint8Array> =>
    transport.hello(address, request, deadlineMs);
  const input = new PlannerInput(replica, new RingHasher(modules.hash));
  const distributionLogger = logger.child({ room: "distribution" });
  const rebalancer = new Rebalancer(
    { balanceHoldMs: settings.balanceHoldMs },
    { replica, leases: table, input, clock, logger: distributionLogger },
  );
  const resourceLogger = logger.child({ room: "resources" });
  const jobs = new JobService({ replica, input, leases: table });
  const resources = new ResourceService(
    { resourceBytesMax },
    {
      replica,
      chunks,
      care,
      fetch: (digests, peers) => replica.fetchChunks(digests, peers),
      clock,
      logger: resourceLogger,
    },
  );
  const members = new MemberService(
    { clusterId, generation },
    {
      replica,
      leases: table,
      activity,
      wallClock,
      lackingChunks: () => resources.lackingChunks(),
      onMoved: (news) => {
        addresses.told(news);
      },
      hello,
    },
  );
  replica.addDuty(activity);
  replica.addDuty(new ReturningVoters({ replica, members, clock, logger }));
  replica.addDuty(table);
  replica.addDuty(rebalancer);
  replica.addDuty(new UploadSweeper({ replica, clock, logger: resourceLogger }));
  return {
    facts: { ...inputs.facts, clusterId },
    replica,
    addresses,
    disk,
    members,
    kv: new KvService(replica),
    leases: new LeaseService(
      { leaseMsMin: leaseMsMin(settings.profile) },
      { replica, table, clock },
    ),
    resources,
    jobs,
    logs: new JobLogService({ replica, jobs, reader: new LogReader(settings) }),
  };
}
