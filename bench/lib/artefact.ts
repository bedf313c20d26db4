// The ticking job as something that the resource center can hold: a runnable jar, compiled here when the machine has
// a JDK, else a bundle for node.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Artefact {
  readonly kind: "java" | "node";
  /** Name in the resource center. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const sources = fileURLToPath(new URL("./jobs", import.meta.url));

function works(command: string): boolean {
  return spawnSync(command, ["-version"], { stdio: "ignore" }).status === 0;
}

/** Whether jars can be compiled and run here. */
export function hasJdk(): boolean {
  return (
    works("java") &&
    works("javac") &&
    spawnSync("jar", ["--version"], { stdio: "ignore" }).status === 0
  );
}

function mustRun(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
}

/** Compiles Ticker.java for Java 11 and later and packs it with its main class. */
export function tickerJar(): Artefact {
  const directory = mkdtempSync(join(tmpdir(), "quorate-jar-"));
  try {
    const classes = join(directory, "classes");
    const jar = join(directory, "ticker.jar");
    const manifest = join(directory, "manifest");
    mkdirSync(classes);
    writeFileSync(manifest, "Main-Class: Ticker\n");
    mustRun("javac", ["--release", "11", "-d", classes, join(sources, "Ticker.java")]);
    mustRun("jar", ["--create", "--file", jar, "--manifest", manifest, "-C", classes, "."]);
    return { kind: "java", name: "ticker.jar", bytes: readFileSync(jar) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function tickerBundle(): Artefact {
  return { kind: "node", name: "ticker.mjs", bytes: readFileSync(join(sources, "ticker.mjs")) };
}
