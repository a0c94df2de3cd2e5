// How many accounts, and lanes as many, the ledger's kernel holds from block to block: about 300 bytes each.

export const LEDGER_ACCOUNTS_DEFAULT = 1 << 20;
/** What a block of 8 MB may name, with some room. */
export const LEDGER_ACCOUNTS_LEAST = 300_000;
/** What fits the 4 GB that a kernel can address. */
export const LEDGER_ACCOUNTS_MOST = 8_000_000;
