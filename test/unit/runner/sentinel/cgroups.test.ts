import { describe, expect, test } from "vitest";
import { type Logger, silentLogger } from "../../../../src/base/logger.ts";
import {
  Cgroups,
  isCgroupGone,
  killCgroup,
  ownPath,
  unifiedMount,
} from "../../../../src/runner/sentinel/cgroups.ts";
import { signatureOf, splitAddress } from "../../../../src/runner/sentinel/http-door.ts";

describe("finding the hierarchy", () => {
  const v1 = "30 20 0:26 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids";
  const v2 = "31 20 0:27 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw";
  test("the mount of version 2, and the own place in it", () => {
    expect(unifiedMount(`${v1}\n${v2}\n`)).toBe("/sys/fs/cgroup");
    expect(unifiedMount(v1)).toBeUndefined();
    expect(ownPath("8:pids:/x\n0::/system.slice/quorate.service\n")).toBe(
      "/system.slice/quorate.service",
    );
    expect(ownPath("8:pids:/x\n")).toBeUndefined();
  });

  test("without a place it says so once and falls back", () => {
    const said: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (_fields, message) => said.push(message) };
    const cgroups = new Cgroups(logger);
    cgroups.detect("never");
    expect(cgroups.isUsable).toBe(false);
    expect(cgroups.adopt("x", process.pid)).toBe("");
    expect(said).toEqual(["fencing: best effort (process groups, no cgroups)"]);
  });

  test("a group that does not exist is gone", () => {
    expect(isCgroupGone("/nowhere/at/all")).toBe(true);
    expect(killCgroup("/nowhere/at/all")).toBe(false);
  });
});

describe("calls", () => {
  test("addresses", () => {
    expect(splitAddress("h1:7470")).toEqual({ host: "h1", port: 7470 });
    expect(splitAddress("[::1]:7470")).toEqual({ host: "::1", port: 7470 });
  });
  // RFC 4231, test case 2, with the key in hexadecimal.
  test("signature", () => {
    expect(signatureOf(Buffer.from("Jefe").toString("hex"), "what do ya want for nothing?")).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });
});
