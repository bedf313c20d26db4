// One server, composed from its parts. The order of starting is the order of dependence: data directory, peer door,
// public doors, then membership, and only then the replica and the rooms on top of it; stopping goes backwards.
// The doors open early so that a taken port or a busy directory is noticed before anything else has happened.

import { GrpcDoor } from "../api/grpc/grpc-door.ts";
import { type HealthCondition, ServerHealth } from "../api/health-report.ts";
import { HttpDoor } from "../api/http/http-door.ts";
import { hostAndPort } from "../api/listen.ts";
import { Turns } from "../api/turns.ts";
import { assert } from "../base/assert.ts";
import { messageOf, type QuorateError } from "../base/errors.ts";
import { type PeerId, peerId } from "../base/numbers.ts";
import type { Admission, FormationProposal } from "../registry/hello.ts";
import { decodeProposal } from "../registry/hello.ts";
import type { NewAddress } from "../registry/members.ts";
import { bootstrapLog } from "../replica/bootstrap.ts";
import type { Agent } from "../runner/agent.ts";
import type { ServerToSentinel } from "../runner/sentinel/protocol.ts";
import type { SentinelLink } from "../runner/sentinel-link.ts";
import type { ServerProfile } from "../state/rows.ts";
import type { DataDirectory } from "../storage/contract.ts";
import type { TransportHandlers, TransportStats } from "../transport/contract.ts";
import { transportErrors } from "../transport/errors.ts";
import { GrpcTransport } from "../transport/grpc/grpc-transport.ts";
import { AdmissionDriver, type Admitted } from "./admission.ts";
import { BootBook } from "./boot-book.ts";
import type { ServerSettings } from "./config/settings.ts";
import { serverErrors } from "./errors.ts";
import { HeardStart } from "./heard-start.ts";
import { HelloDoor } from "./hello-door.ts";
import type { ServerModules } from "./modules.ts";
import { Others } from "./others.ts";
import { OwnData } from "./own-data.ts";
import { ProfileKeeper } from "./profile-keeper.ts";
import { RemovalWatch } from "./removal-watch.ts";
import { makeAgent } from "./runner.ts";
import { makeServices, type Services } from "./services.ts";
import { makeDirectory } from "./system/make-directory.ts";
import { quietRepeats } from "./system/quiet-repeats.ts";
import { version } from "./version.ts";

export interface ServerHooks {
  /** The server cannot go on (failed write, broken invariant): stop the process. */
  readonly onFatal: (error: unknown) => void;
  /** The cluster has taken this server out, now or while it was away: stop for good. `reason` says what to do. */
  readonly onRemoved: (reason: QuorateError) => void;
}

/** How the server process is joined to its sentinel; without it the server runs no jobs. */
export interface Parent {
  readonly link: SentinelLink;
  readonly jobEnvironment: Readonly<Record<string, string>>;
}

export interface ServerInputs {
  readonly settings: ServerSettings;
  readonly hooks: ServerHooks;
  readonly parent: Parent | undefined;
}

export class QuorateServer {
  readonly #inputs: ServerInputs;
  readonly #modules: ServerModules;
  readonly #startedAtMs: number;
  readonly #http: HttpDoor;
  readonly #grpc: GrpcDoor;
  readonly #transport: GrpcTransport;
  readonly #hello: HelloDoor;
  readonly #own: OwnData;
  readonly #boots: BootBook;
  readonly #heardStart: HeardStart;
  readonly #health: ServerHealth;
  #data: DataDirectory | undefined;
  #admission: AdmissionDriver | undefined;
  #services: Services | undefined;
  #agent: Agent | undefined;
  #profiles: ProfileKeeper | undefined;
  #removal: RemovalWatch | undefined;
  #isRemoved = false;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(inputs: ServerInputs, modules: ServerModules) {
    this.#inputs = inputs;
    this.#modules = modules;
    this.#startedAtMs = modules.clock.nowMs();
    const { settings } = inputs;
    const { host } = settings;
    this.#health = new ServerHealth(
      { version },
      {
        ...modules,
        identity: () => this.#data?.identity,
        condition: () => this.#condition(),
      },
    );
    const apiLogger = quietRepeats(modules.logger.child({ room: "api" }), modules.clock);
    const doors = {
      services: () => this.#services,
      health: this.#health,
      turns: new Turns(modules.clock),
      logger: apiLogger,
    };
    this.#http = new HttpDoor({ host, port: settings.httpPort }, doors);
    this.#grpc = new GrpcDoor({ host, port: settings.grpcPort }, doors);
    this.#transport = new GrpcTransport(
      {
        listen: hostAndPort({ host, port: settings.peerPort }),
        advertisedHost: settings.advertise,
      },
      { clock: modules.clock, logger: quietRepeats(modules.logger, modules.clock) },
    );
    const { dataDirectory: dir, serverId, join, advertise, peerPort } = settings;
    const self = hostAndPort({ host: advertise, port: peerPort });
    this.#own = new OwnData(
      { dir, serverId, others: join.filter((address) => address !== self) },
      { ...modules, logger: modules.logger.child({ room: "storage" }) },
    );
    this.#boots = new BootBook(dir, { ...modules, status: () => this.#services?.replica.status() });
    this.#heardStart = new HeardStart({ ...modules, data: () => this.#data });
    this.#health.addSource(this.#own);
    this.#health.addFigures(() => {
      const log = this.#data?.log.stats();
      return log === undefined ? {} : { logEntries: log.entries };
    });
    this.#hello = new HelloDoor(() => {
      if (this.#admission === undefined) throw serverErrors.NOT_MEMBER("this server is starting");
      return this.#admission.candidateAnswer();
    });
  }

  /** Undefined until this server is a member of a cluster. */
  get services(): Services | undefined {
    return this.#services;
  }
  get httpAddress(): string {
    return this.#advertised(this.#http.address);
  }
  get grpcAddress(): string {
    return this.#advertised(this.#grpc.address);
  }
  get peerAddress(): string {
    return this.#transport.address;
  }
  /** What the peer door has sent, received and refused so far, by reason. */
  get peerStats(): TransportStats {
    return this.#transport.stats();
  }

  /** Resolves when this server is a member and its replica runs; not when there is a leader. */
  start(): Promise<void> {
    if (this.#starting !== undefined)
      throw serverErrors.ALREADY_STARTED("this server was started before");
    this.#starting = this.#start().catch((error: unknown) => {
      // What is read only after the opening, a snapshot above all, may be damaged as well.
      this.#own.suspect(error);
      throw error;
    });
    return this.#starting;
  }

  /** Ordered and idempotent; resolves when nothing of this server runs any more. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #start(): Promise<void> {
    const { settings, parent } = this.#inputs;
    const { logger } = this.#modules;
    await makeDirectory(settings.dataDirectory);
    this.#data = await this.#own.open();
    await this.#boots.open();
    await this.#transport.start(this.#handlers());
    await this.#http.start();
    await this.#grpc.start();
    if (this.#stopping !== undefined)
      throw serverErrors.START_ABANDONED("stopped before it could join a cluster");
    const profile = this.#profile(this.#data);
    const { expect, awaitAdd } = settings;
    const { earlier, others } = this.#own;
    const join = earlier === undefined ? settings.join : [...settings.join, ...others];
    this.#admission = new AdmissionDriver(
      { join, expect, awaitAdd, earlier },
      { ...this.#modules, data: this.#data, transport: this.#transport, profile },
    );
    const { httpAddress, grpcAddress, peerAddress } = profile;
    logger.info(
      { serverId: profile.serverId, httpAddress, grpcAddress, peerAddress, version },
      "doors open",
    );
    parent?.link.start(this.#sentinelSettings(profile));
    await this.#becomeMember(this.#data, profile);
  }

  async #becomeMember(data: DataDirectory, profile: ServerProfile): Promise<void> {
    const admitted = await this.#admitted(data);
    if (this.#stopping !== undefined) return;
    const services = this.#makeServices(data, admitted.admission);
    this.#hello.becomeMember({ ...admitted, identity: data.identity, members: services.members });
    await services.replica.start();
    this.#services = services;
    this.#own.keepContacts(services.replica, data.identity);
    this.#tellHealth(services);
    await services.disk.start();
    services.resources.start();
    const { clusterId } = admitted.admission;
    this.#keepInTouch(services, { profile, clusterId });
    this.#startAgent(services, profile);
    this.#modules.logger.info({ clusterId, peerId: data.identity.peerId }, "server started");
  }

  #tellHealth({ disk, resources }: Services): void {
    this.#health.addSource(disk);
    this.#health.addSource(resources);
    this.#health.addFigures(() => {
      const { held, lacking, damaged, repaired } = resources.inventory();
      const chunks = { held, lacking, damaged, repaired };
      const { space } = disk;
      if (space === undefined) return { chunks };
      return { chunks, diskFreeBytes: space.freeBytes, diskTotalBytes: space.totalBytes };
    });
  }

  /** What this server has to tell, or to ask, when it was away. */
  #keepInTouch(services: Services, own: { profile: ServerProfile; clusterId: string }): void {
    const { replica, addresses } = services;
    const { join } = this.#inputs.settings;
    const others = new Others(
      { ...own, join },
      { ...this.#modules, replica, transport: this.#transport },
    );
    const modules = { ...this.#modules, replica, others };
    const onRemoved = (): void => {
      this.#removed(own.profile.serverId);
    };
    const onSuperseded = (error: QuorateError): void => {
      this.#fatal(error);
    };
    const onFound = (news: NewAddress): void => {
      addresses.told(news);
    };
    this.#profiles = new ProfileKeeper(own, { ...modules, onFound });
    this.#removal = new RemovalWatch(own, { ...modules, onRemoved, onSuperseded });
    this.#profiles.start();
    this.#removal.start();
  }

  #removed(serverId: string): void {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    this.#inputs.hooks.onRemoved(
      serverErrors.REMOVED(`${serverId} was taken out of the cluster`, { fields: { serverId } }),
    );
  }

  async #admitted(data: DataDirectory): Promise<Admitted> {
    const { identity } = data;
    const founding = data.formation === undefined ? undefined : decodeProposal(data.formation);
    if (identity.peerId !== 0) {
      const { clusterId, generation } = identity;
      return {
        admission: { clusterId, generation, peerId: identity.peerId, members: [] },
        founding,
      };
    }
    assert(this.#admission !== undefined, "admission is prepared before");
    const admitted = await this.#admission.run();
    if (admitted.founding !== undefined) await this.#found(data, admitted.founding);
    const { clusterId, generation, peerId: peer } = admitted.admission;
    await this.#own.admitted(data, { ...data.identity, clusterId, generation, peerId: peer });
    return admitted;
  }

  // A crash between this and the saved identity is continued here: the log is there already then.
  async #found(data: DataDirectory, { atMs, members }: FormationProposal): Promise<void> {
    if (data.log.view.lastIndex() > 0) return;
    const founders = members.map((member) => ({
      peerId: peerId(member.peerId),
      profile: member.profile,
    }));
    await bootstrapLog(data.log, { atMs, founders });
  }

  #makeServices(data: DataDirectory, admission: Admission): Services {
    const { settings, parent } = this.#inputs;
    const { clock } = this.#modules;
    const facts = {
      serverId: data.identity.serverId,
      version,
      leaseMs: settings.profile.leaseMs,
      uptimeMs: () => clock.nowMs() - this.#startedAtMs,
      rssBytes: () => process.memoryUsage.rss(),
      fencing: () => (parent === undefined ? "none" : (this.#agent?.status().fencing ?? "none")),
    };
    const onFatal = (error: unknown): void => {
      this.#fatal(error);
    };
    const onRemoved = (): void => {
      this.#removed(facts.serverId);
    };
    const transport = this.#transport;
    return makeServices(
      { settings, admission, facts, data, transport, onFatal, onRemoved },
      this.#modules,
    );
  }

  #startAgent(services: Services, profile: ServerProfile): void {
    const { settings, parent } = this.#inputs;
    if (parent === undefined || settings.capacity === 0) return;
    const { link, jobEnvironment } = parent;
    const { serverId } = profile;
    this.#agent = makeAgent({ settings, serverId, services, link, jobEnvironment }, this.#modules);
    this.#agent.start();
    services.replica.onLeaderChange(() => {
      link.send({ kind: "leader-changed" });
    });
    // Told again, now that somebody listens: the sentinel answers with everything that it runs.
    link.start(this.#sentinelSettings(profile));
  }

  #sentinelSettings(profile: ServerProfile): Extract<ServerToSentinel, { kind: "settings" }> {
    const { settings } = this.#inputs;
    const { leaseMs, killBoundMs } = settings.profile;
    return {
      kind: "settings",
      dataDirectory: settings.dataDirectory,
      serverId: profile.serverId,
      incarnation: profile.incarnation,
      leaseMs,
      killBoundMs,
      agentGraceMs: settings.agentGraceMs,
      capacity: settings.capacity,
      servers: [profile.httpAddress],
    };
  }

  #profile(data: DataDirectory): ServerProfile {
    const { settings } = this.#inputs;
    return {
      serverId: data.identity.serverId,
      incarnation: data.identity.incarnation,
      peerAddress: this.peerAddress,
      grpcAddress: this.grpcAddress,
      httpAddress: this.httpAddress,
      zone: settings.zone,
      labels: settings.labels,
      capacity: settings.capacity,
      version,
    };
  }

  #handlers(): TransportHandlers {
    const replica = (): Services["replica"] => {
      if (this.#services === undefined)
        throw serverErrors.NOT_MEMBER("this server is not a member of a cluster yet");
      return this.#services.replica;
    };
    return {
      onMessage: (message) => this.#services?.replica.handlers.onMessage(message),
      onCall: async (from, call, payload) => await replica().handlers.onCall(from, call, payload),
      onPull: (from, source) => replica().handlers.onPull(from, source),
      onHello: (request) => this.#hello.answer(request),
      onDisconnected: (peer) => this.#services?.replica.handlers.onDisconnected(peer),
      onConnected: (peer) => {
        this.#heardStart.heard();
        this.#services?.replica.handlers.onConnected(peer);
      },
      onUnreachable: (peer) => this.#services?.replica.handlers.onUnreachable?.(peer),
      refusal: (peer, boot) =>
        this.#refusal(peer) ?? (boot === undefined ? undefined : this.#boots.refusal(peer, boot)),
      onRefused: (_peer, error) => {
        this.#refusedBy(error);
      },
    };
  }

  /** A leader that took itself out is heard until there is another: it hands over. */
  #refusal(peer: PeerId): QuorateError | undefined {
    const replica = this.#services?.replica;
    if (replica?.state.isFormerPeer(peer) !== true) return undefined;
    if (replica.status().leader === peer) return undefined;
    const text = `peer ${String(peer)} was taken out of the cluster`;
    return transportErrors.REMOVED_PEER(text, { fields: { peer } });
  }

  /** The others remember what this server has forgotten: it must not go on under its peer id. */
  #refusedBy(error: QuorateError): void {
    if (error.code === staleDataCode) this.#fatal(error);
  }

  #fatal(error: unknown): void {
    try {
      this.#own.suspect(error);
    } catch (cause) {
      // The decision could not be written, or there were too many: the server ends all the same.
      this.#modules.logger.error({ error: messageOf(cause) }, "quarantine was not decided");
    } finally {
      this.#inputs.hooks.onFatal(error);
    }
  }

  #condition(): HealthCondition {
    if (this.#services !== undefined) return "member";
    return this.#own.earlier === undefined ? "starting" : "quarantined";
  }

  #advertised(address: string): string {
    const port = Number(address.slice(address.lastIndexOf(":") + 1));
    return hostAndPort({ host: this.#inputs.settings.advertise, port });
  }

  async #stop(): Promise<void> {
    const { logger } = this.#modules;
    logger.info({}, "server stopping");
    this.#admission?.stop();
    // A start that fails is told to whoever awaits it; here it only must be over.
    await this.#starting?.catch((error: unknown) => {
      logger.debug({ error: messageOf(error) }, "start ended early");
    });
    await this.#agent?.stop();
    this.#profiles?.stop();
    this.#removal?.stop();
    // What is under way there ends with the streams to the other servers.
    const resourcesStopped = this.#services?.resources.stop();
    await this.#handOverLeadership();
    await Promise.all([this.#http.stop(), this.#grpc.stop()]);
    await this.#services?.replica.stop();
    await this.#transport.stop();
    await resourcesStopped;
    await this.#services?.disk.stop();
    await this.#own.stop();
    await this.#heardStart.stop();
    await this.#data?.close();
    logger.info({}, "server stopped");
  }

  async #handOverLeadership(): Promise<void> {
    const replica = this.#services?.replica;
    if (replica?.status().role !== "leader" || replica.state.membership.voters.length < 2) return;
    try {
      await replica.transferLeadership(peerId(0), handOverMs);
    } catch (error) {
      // Without a successor the others elect one, only a little later.
      this.#modules.logger.warn({ error: messageOf(error) }, "leadership was not handed over");
    }
  }
}

const staleDataCode = "QUORATE_TRANSPORT_STALE_DATA";
/** Bound of the hand-over at an orderly stop. */
const handOverMs = 1000;
