import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { isRunning, Machine, type MachineOptions, until } from "./machine.ts";
import { Program } from "./program.ts";

const program = new Program();
const fencings = ["when-writable", "never"] as const;
let machine: Machine;

beforeAll(() => program.build());
afterAll(() => program.remove());

async function attachedMachine(options: MachineOptions = {}): Promise<void> {
  machine = new Machine(program, options);
  await machine.start();
  await machine.serverConnected(1);
  await machine.attached();
}

afterEach(async () => {
  await machine.stop();
  expect(machine.registry.violations).toEqual([]);
});

describe("one life of a sentinel", () => {
  test("registers, renews, starts a job with its token and reads its exit", async () => {
    await attachedMachine();
    const pid = await machine.run(machine.order("j1", { epoch: 7 }));
    expect(machine.ticks("j1.ticks")[0]).toBe(`${pid} j1 7 7`);
    await until("running is told", () =>
      machine.registry.newest?.latest?.running.some((r) => r.jobId === "j1" && r.epoch === 7),
    );
    machine.send({ kind: "start", order: machine.order("j2", { options: ["exit=4"] }) });
    const ended = await machine.runInState("j2", "exited");
    expect([ended.exitCode, ended.signal, ended.cause]).toEqual([4, "", "itself"]);
    expect(machine.registry.hasReleased("j2", 1)).toBe(false);
    const log = join(machine.directory, "jobs", "j1", "logs", "output.log");
    expect(readFileSync(log, "utf8")).toBe("hello from epoch 7\n");
  });

  test.each(fencings)(
    "a stop with release ends the whole group before it is told, and the epoch never starts again (cgroups %s)",
    async (cgroups) => {
      await attachedMachine({ cgroups });
      const pid = await machine.run(machine.order("j1", { options: ["child"] }));
      const child = await until("grandchild", () => machine.ticks("j1.ticks.child")[0]);
      machine.send({ kind: "stop", jobId: "j1", epoch: 1, now: false, release: true });
      await until("released", () => machine.registry.hasReleased("j1", 1));
      expect(isRunning(pid)).toBe(false);
      expect(isRunning(Number(child.split(" ")[0]))).toBe(false);
      machine.send({ kind: "start", order: machine.order("j1") });
      const refused = await until("refused", () => machine.heard.find((m) => m.kind === "refused"));
      expect(refused).toMatchObject({ code: "QUORATE_SENTINEL_RELEASED", epoch: 1 });
      await machine.run(machine.order("j1", { epoch: 2 }));
    },
  );

  test("a stop with release for something that never ran releases it at once", async () => {
    await attachedMachine();
    machine.send({ kind: "stop", jobId: "j9", epoch: 3, now: false, release: true });
    await until("released", () => machine.registry.hasReleased("j9", 3));
  });

  test("a job that ignores its signal is killed after its grace", async () => {
    await attachedMachine();
    const pid = await machine.run(machine.order("j1", { options: ["deaf"], stopGraceMs: 100 }));
    machine.send({ kind: "stop", jobId: "j1", epoch: 1, now: false, release: false });
    const run = await machine.runInState("j1", "exited");
    expect([run.signal, run.cause, isRunning(pid)]).toEqual(["SIGKILL", "stop", false]);
    expect(machine.registry.hasReleased("j1", 1)).toBe(false);
  });

  test("what cannot be executed is refused in words", async () => {
    await attachedMachine();
    machine.send({ kind: "start", order: machine.order("j1", { command: "no-such-program" }) });
    const refused = await until("refused", () => machine.heard.find((m) => m.kind === "refused"));
    expect(refused).toMatchObject({
      code: "QUORATE_SENTINEL_SPAWN_FAILED",
      message: 'no executable file "no-such-program" was found',
    });
  });
});

describe("the server process dies", () => {
  test("kill -9: same pid, same session, and starts only after a new renewal", async () => {
    await attachedMachine();
    const pid = await machine.run(machine.order("j1"));
    process.kill(machine.serverPid, "SIGKILL");
    await machine.serverConnected(2);
    const before = machine.registry.newest?.counter ?? 0;
    const attached = await machine.attached();
    expect(attached.runs).toMatchObject([{ jobId: "j1", epoch: 1, state: "running", pid }]);
    expect(machine.registry.newest?.counter).toBeGreaterThan(before);
    expect(machine.registry.sessions.size).toBe(1);
    const ticks = machine.ticks("j1.ticks").length;
    await until("ticks go on", () => machine.ticks("j1.ticks").length > ticks);
    expect(isRunning(pid)).toBe(true);
  });

  test("after an attachment nothing starts before a renewal sent since then is acknowledged", async () => {
    await attachedMachine({ leaseMs: 10_000 });
    process.kill(machine.serverPid, "SIGKILL");
    await machine.serverConnected(2);
    machine.registry.answers = false;
    const seen = machine.heard.length;
    machine.attach();
    const told = await until("attached", () =>
      machine.heard.slice(seen).find((m) => m.kind === "attached"),
    );
    expect(told).toMatchObject({ session: 101, renewed: false });
    machine.send({ kind: "start", order: machine.order("j1") });
    const refused = await until("refused", () => machine.heard.find((m) => m.kind === "refused"));
    expect(refused).toMatchObject({ code: "QUORATE_SENTINEL_NOT_RENEWED" });
    machine.registry.answers = true;
    await until("renewed", () =>
      machine.heard.slice(seen).find((m) => m.kind === "attached" && m.renewed),
    );
    await machine.run(machine.order("j1"));
  });

  test("a job with onServerDeath: stop is killed and released at once, others are not", async () => {
    await attachedMachine();
    const stays = await machine.run(machine.order("j1"));
    const goes = await machine.run(machine.order("j2", { onServerDeath: "stop" }));
    process.kill(machine.serverPid, "SIGKILL");
    await until("released", () => machine.registry.hasReleased("j2", 1));
    expect([isRunning(goes), isRunning(stays)]).toEqual([false, true]);
    await machine.serverConnected(2);
  });

  test("a server process that stays away: jobs given back with an exit proof, a new session when it is back", async () => {
    await attachedMachine({ agentGraceMs: 50 });
    const pid = await machine.run(machine.order("j1"));
    const first = machine.registry.newest!;
    machine.exitServer(1);
    await until("exit proof", () => first.sealedAndEmpty);
    expect([isRunning(pid), machine.registry.hasReleased("j1", 1)]).toEqual([false, true]);
    await machine.serverConnected(2);
    const attached = await machine.attached();
    expect(attached.session).toBe(201);
    await machine.run(machine.order("j1", { epoch: 2 }));
  });

  test("a server process killed before it has told its configuration is started again", async () => {
    machine = new Machine(program);
    await machine.start();
    await machine.serverConnected(1);
    process.kill(machine.serverPid, "SIGKILL");
    await machine.serverConnected(2);
    await machine.attached();
    expect(machine.exitCode).toBeUndefined();
  });

  test("a server process that never accepts its configuration decides the exit code", async () => {
    machine = new Machine(program);
    await machine.start();
    await machine.serverConnected(1);
    await machine.attached();
    machine.kill("SIGTERM");
    expect(await machine.ended()).toBe(0);
    machine.startSentinel(["64"]);
    expect(await machine.ended()).toBe(64);
  });
});

describe("the lease", () => {
  test("no answers: every job is killed at the deadline, except those that say keep; answers: they may start again", async () => {
    await attachedMachine({ leaseMs: 1000 });
    const pid = await machine.run(machine.order("j1", { options: ["deaf"] }));
    const keeps = await machine.run(machine.order("j2", { onLeaseLoss: "keep" }));
    machine.registry.answers = false;
    await until("fenced", () => machine.heard.find((m) => m.kind === "fenced"));
    await until("killed", () => !isRunning(pid));
    expect(isRunning(keeps)).toBe(true);
    machine.send({ kind: "start", order: machine.order("j3") });
    const refused = await until("refused", () => machine.heard.find((m) => m.kind === "refused"));
    expect(refused).toMatchObject({ jobId: "j3", code: "QUORATE_SENTINEL_LEASE_OVER" });
    const run = await machine.runInState("j1", "exited");
    expect(run.cause).toBe("fence");
    const seen = machine.heard.length;
    machine.registry.answers = true;
    await until("held again", () =>
      machine.heard.slice(seen).find((m) => m.kind === "attached" && m.renewed),
    );
    expect(machine.registry.sessions.size).toBe(1);
    await machine.run(machine.order("j1"));
    expect(machine.registry.hasReleased("j1", 1)).toBe(false);
  });

  test("not alive: everything is killed, and a new session follows", async () => {
    await attachedMachine({ leaseMs: 1000 });
    const pid = await machine.run(machine.order("j1", { onLeaseLoss: "keep" }));
    machine.registry.newest!.alive = false;
    await until("new session", () => machine.registry.sessions.size === 2);
    await until("killed", () => !isRunning(pid));
    const seen = await until("attached", () =>
      machine.heard.findLast((m) => m.kind === "attached" && m.session === 201 && m.renewed),
    );
    expect(seen).toBeDefined();
    machine.send({ kind: "start", order: machine.order("j1", { session: 101, epoch: 2 }) });
    const refused = await until("refused", () => machine.heard.find((m) => m.kind === "refused"));
    expect(refused).toMatchObject({ code: "QUORATE_SENTINEL_OTHER_SESSION" });
  });
});

test("a second sentinel on the same data directory leaves and touches nothing", async () => {
  await attachedMachine();
  const first = machine.sentinelPid;
  const pid = await machine.run(machine.order("j1"));
  machine.startSentinel();
  await machine.serverConnected(2);
  machine.attach();
  expect(await machine.ended()).toBe(1);
  expect(machine.sentinelLog.join("")).toContain("QUORATE_SENTINEL_BUSY");
  expect([isRunning(pid), machine.registry.sessions.size]).toEqual([true, 1]);
  process.kill(first, "SIGTERM");
  await until("first one ended", () => !isRunning(first));
  expect(isRunning(pid)).toBe(false);
});

test("the sentinel stays below 60 MB", async () => {
  await attachedMachine({ leaseMs: 1000 });
  await machine.run(machine.order("j1"));
  const renewals = machine.registry.newest!.counter;
  await until("renewals", () => machine.registry.newest!.counter > renewals + 5);
  const status = readFileSync(`/proc/${machine.sentinelPid}/status`, "utf8");
  const rssMB = (Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024) / 1e6;
  expect(rssMB).toBeGreaterThan(10);
  expect(rssMB).toBeLessThanOrEqual(60);
});

describe("the end", () => {
  test("the server is told that the session is sealed before the first job ends", async () => {
    await attachedMachine();
    await machine.run(machine.order("j1"));
    const seen = machine.heard.length;
    machine.send({ kind: "goodbye" });
    expect(await machine.ended()).toBe(0);
    const heard = machine.heard.slice(seen);
    const sealed = heard.findIndex((m) => m.kind === "attached" && m.sealed);
    const exited = heard.findIndex((m) => m.kind === "run" && m.run.state === "exited");
    expect([sealed, exited > sealed]).toEqual([0, true]);
    expect(heard.filter((m) => m.kind === "attached" && !m.sealed)).toEqual([]);
  });

  test("SIGTERM: jobs stopped and released, session ended, server told, exit 0", async () => {
    await attachedMachine();
    const gentle = await machine.run(machine.order("j1"));
    const deaf = await machine.run(machine.order("j2", { options: ["deaf"], stopGraceMs: 300 }));
    machine.kill("SIGTERM");
    expect(await machine.ended()).toBe(0);
    expect([isRunning(gentle), isRunning(deaf), isRunning(machine.serverPid)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(machine.registry.hasReleased("j1", 1)).toBe(true);
    expect(machine.registry.hasReleased("j2", 1)).toBe(true);
    expect(machine.registry.newest?.sealedAndEmpty).toBe(true);
  });

  test.each(fencings)(
    "kill -9 of the sentinel: its server process kills the jobs, then leaves (cgroups %s)",
    async (cgroups) => {
      await attachedMachine({ cgroups });
      const pid = await machine.run(machine.order("j1", { options: ["child"] }));
      const child = await until("grandchild", () => machine.ticks("j1.ticks.child")[0]);
      machine.kill("SIGKILL");
      await until("server left", () => !isRunning(machine.serverPid));
      expect([isRunning(pid), isRunning(Number(child.split(" ")[0]))]).toEqual([false, false]);
    },
  );

  test("kill -9 of the sentinel while its server process is about to say something: the jobs are killed all the same", async () => {
    await attachedMachine();
    const pid = await machine.run(machine.order("j1"));
    machine.blockServer(1000);
    machine.kill("SIGKILL");
    await until("server left", () => !isRunning(machine.serverPid));
    expect(isRunning(pid)).toBe(false);
  });

  test.each(fencings)(
    "sentinel and server killed together: the next life kills what they left before it registers (cgroups %s)",
    async (cgroups) => {
      await attachedMachine({ cgroups });
      const pid = await machine.run(machine.order("j1", { options: ["child"] }));
      await until("grandchild", () => machine.ticks("j1.ticks.child").length > 0);
      process.kill(machine.serverPid, "SIGKILL");
      machine.kill("SIGKILL");
      await machine.ended();
      await until("server gone", () => !isRunning(machine.serverPid));
      expect(isRunning(pid)).toBe(true);
      machine.startSentinel();
      await machine.serverConnected(2);
      machine.attach();
      await until("registered", () => machine.registry.sessions.size === 2);
      expect(isRunning(pid)).toBe(false);
      expect(existsSync(join(machine.directory, "sentinel", "journal"))).toBe(true);
    },
  );
});
