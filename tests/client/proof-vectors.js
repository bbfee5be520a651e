/** The golden runs of the rules, as Python's tests read them too. */
import { readdirSync, readFileSync } from "node:fs";

const FOLDER = new URL("../../protocol/vectors/rules/", import.meta.url);

const read = (path) => JSON.parse(readFileSync(new URL(path, FOLDER), "utf-8"));

/** All runs, by name of their file. */
export const RUNS = Object.fromEntries(readdirSync(FOLDER).filter((name) => name.endsWith(".json")).map((name) => [name, read(name)]));

/** The parts of chance, one by one. */
export const CHANCE = read("parts/chance.json");
