import { beforeEach, expect, test } from "vitest";
import { EntryGroups } from "../../../../src/storage/level/entry-groups.ts";

let groups: EntryGroups;
beforeEach(() => {
  groups = new EntryGroups();
  for (const start of [5, 6, 10, 20]) groups.append(start);
});

const holders = (...indices: number[]): (number | undefined)[] =>
  indices.map((index) => groups.startOf(index));

test("an entry is in the last group that begins at or below it", () => {
  expect(holders(4, 5, 6, 9, 10, 19, 20, 99)).toEqual([undefined, 5, 6, 6, 10, 10, 20, 20]);
});

test("groups that begin at or above an entry", () => {
  expect([5, 6, 7, 20, 21].map((index) => groups.from(index))).toEqual([
    [5, 6, 10, 20],
    [6, 10, 20],
    [10, 20],
    [20],
    [],
  ]);
});

test("cut in the middle of a group, that group stays; at its beginning, it goes", () => {
  groups.truncate(15);
  expect(holders(10, 20)).toEqual([10, 10]);
  groups.truncate(10);
  expect(holders(9, 10)).toEqual([6, 6]);
  groups.append(10);
  expect(holders(9, 10)).toEqual([6, 10]);
});

test("dropped up to the middle of a group, that group stays", () => {
  groups.dropBefore(3);
  expect(holders(5)).toEqual([5]);
  groups.dropBefore(9);
  expect(holders(5, 6)).toEqual([undefined, 6]);
  groups.dropBefore(10);
  expect(holders(9, 10)).toEqual([undefined, 10]);
  groups.dropBefore(1000);
  expect(holders(1000)).toEqual([20]);
});

test("nothing is left after clear", () => {
  groups.clear();
  expect(holders(5, 20)).toEqual([undefined, undefined]);
  groups.truncate(1);
  groups.dropBefore(1);
  groups.append(7);
  expect(holders(6, 7)).toEqual([undefined, 7]);
});
