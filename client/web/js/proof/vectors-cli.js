/**
 * `node vectors-cli.js DIR`: the browser's engine against every *.json file in DIR.
 *
 * A line each, then `N passed, N failed`; exit code 1 when one failed, 2 when the folder or a file cannot be read. It is what
 * `knackpunkt vectors check --js DIR` runs; no page loads it.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

import { checkVector } from "./vectors.js";

class Unreadable extends Error {}

function vectors(folder) {
  let names;
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
  } catch {
    throw new Unreadable(`${folder}: no such folder`);
  }
  if (names.length === 0) throw new Unreadable(`${folder}: holds no *.json file`);
  return names.map((name) => ({ name, vector: read(join(folder, name)) }));
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf-8"));
  } catch (broken) {
    throw new Unreadable(`${path}: not readable as JSON: ${broken.message}`);
  }
}

function main(folder) {
  let failed = 0;
  const found = vectors(folder);
  for (const { name, vector } of found) {
    const differences = checkVector(vector);
    failed += differences.length > 0 ? 1 : 0;
    console.log(`${name}: ${differences.length > 0 ? `failed: ${differences[0]}` : "passed"}`);
  }
  console.log(`${found.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

try {
  if (process.argv.length !== 3) throw new Unreadable("give one folder of vector files");
  process.exitCode = main(process.argv[2]);
} catch (error) {
  if (!(error instanceof Unreadable)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
