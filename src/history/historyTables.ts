// Every table that a history keeps in its store, for whoever reads all of it.

import { CONTRACT_TOTALS_TABLE, CONTRACTS_TABLE, REQUESTS_TABLE } from "./contractRows.js";
import { BLOCKS_TABLE, HELD_TABLE, HOLDERS_TABLE, SUMMARIES_TABLE, TOKENS_TABLE } from "./directRows.js";
import { RUNS_TABLE } from "./runs/run.js";
import { META_TABLE } from "./runs/runSet.js";

export const HISTORY_TABLES = [
  META_TABLE,
  RUNS_TABLE,
  BLOCKS_TABLE,
  SUMMARIES_TABLE,
  TOKENS_TABLE,
  HELD_TABLE,
  HOLDERS_TABLE,
  CONTRACTS_TABLE,
  CONTRACT_TOTALS_TABLE,
  REQUESTS_TABLE,
];
