/**
 * Where the properties start: at the same place in every run, so that a change is judged by itself and not by its luck.
 * Who asks for more tries (FC_RUNS) looks for something new and starts elsewhere each time; FC_SEED says where.
 */
import { FastCheck as fc } from "effect"

const { FC_RUNS, FC_SEED } = process.env
const seed = FC_SEED ?? (FC_RUNS === undefined ? "1" : undefined)

if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) })
