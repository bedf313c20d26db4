import { expect, test } from "vitest";
import { lockName } from "../../../../src/storage/offline/lock-holder.ts";

test("a device and an inode are named as the kernel does", () => {
  expect(lockName(0x803n, 77n)).toBe("08:03:77");
  expect(lockName(0xfd34n, 9n)).toBe("fd:34:9");
  expect(lockName(0x1_2345n, 9n)).toBe("123:45:9");
  expect(lockName(0x120_fd34n, 1n)).toBe("fd:1234:1");
});
