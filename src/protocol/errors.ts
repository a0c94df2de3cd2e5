// The one table of codes for bad input: what a receipt, an API answer or a refused frame carries. A number, once given, is
// never used for anything else. docs/errors.md lists the same table; a test compares the two.

/** Code number, and what to do about it in one sentence. 1xx: form; 2xx: not admissible to a block; 3xx: failed in a block; 4xx: service. */
export const ERROR_CODES = {
  MALFORMED: [100, "The bytes end too early, go on too long or hold a field out of its range."],
  UNKNOWN_VERSION: [101, "The version byte is not one this node knows."],
  NON_CANONICAL: [102, "The same meaning has another, shorter or ordered encoding, and only that one is valid."],
  UNKNOWN_OPERATION: [103, "The operation's kind is not one this node knows."],
  TOO_LARGE: [104, "The transaction, batch or field is larger than its limit."],
  AMOUNT_OUT_OF_RANGE: [105, "An amount must lie between 1 and 2^63 - 1."],
  BAD_ADDRESS: [106, "The text is not a TTChain address."],
  FOREIGN_ADDRESS: [107, "The text is an address of another chain, which can't be paid here."],
  BAD_SYMBOL: [108, "A symbol is 3 to 12 upper-case letters and digits, beginning with a letter."],
  BAD_TOKEN_NAME: [109, "A token's name is 1 to 64 bytes of UTF-8 without control characters."],

  GAS_LIMIT: [110, "The gas limit is zero, or above what an operation or a block may use."],
  BAD_CONTRACT_NAME: [111, "The name is not one of a contract's functions."],
  BLOCK_GAS_USED: [112, "The block has no gas left for this transaction; a later one may."],

  WRONG_CHAIN: [200, "The transaction was signed for another chain."],
  BAD_SIGNATURE: [201, "A signature does not match its key and this transaction."],
  EXPIRED: [202, "The transaction's valid-until height has passed: it can never be committed any more."],
  VALID_UNTIL_TOO_FAR: [203, "The valid-until height lies further ahead than the chain allows."],
  SEQUENCE_USED: [204, "The lane's sequence number has been used: this is a replay or the lane moved on."],
  SEQUENCE_GAP: [205, "The sequence number leaves a gap in its lane that is too wide to wait for."],
  DUPLICATE: [206, "The same transaction is already waiting."],
  ALREADY_COMMITTED: [207, "The same transaction is already in a block."],
  WRONG_KEY: [208, "The key is not the account's present key."],
  FEE_TOKEN_NOT_ALLOWED: [209, "The fee must be paid in a token that moves and has a quote, else in TTC."],
  FEE_LIMIT_TOO_LOW: [210, "The fee limit is below the fee."],
  FEE_UNPAYABLE: [211, "The fee payer's balance does not cover the minimum fee."],
  BAD_RESULT: [220, "The proposed result differs from this node's own."],
  BAD_BLOCK: [221, "The block breaks a rule of the protocol."],
  BAD_CERTIFICATE: [222, "The certificate does not prove that more than two thirds of the delegates signed."],
  BAD_PROOF: [223, "The proof does not prove what it claims."],
  TRUST_EXPIRED: [
    224,
    "The delegates that this client knows are too old to be trusted: begin from a newer set's hash.",
  ],

  INSUFFICIENT_BALANCE: [300, "The account's balance does not cover the amount and fee."],
  UNKNOWN_TOKEN: [301, "No token has this id."],
  REFERENCE_PAID: [302, "This payee, token, amount and reference have been paid before."],
  REFERENCE_EXPIRED: [303, "The reference's expiry height has passed: it can't be paid any more."],
  REFERENCE_TOO_FAR: [304, "The reference's expiry height lies further ahead than the chain allows."],
  DEPOSIT_UNPAID: [305, "The fee payer's TTC does not cover the deposit for a new state entry."],
  AMOUNT_OVERFLOW: [306, "A balance or supply would exceed 2^63 - 1."],
  NOT_MINTABLE: [307, "The token can't be minted."],
  NOT_AUTHORIZED: [308, "The signers do not hold the right that this operation needs."],
  NOT_BURNABLE: [309, "The token can't be burned."],
  BALANCE_FROZEN: [310, "The token's issuer froze this balance."],
  NOT_FREEZABLE: [311, "The token's balances can't be frozen."],
  RESERVED_SYMBOL: [312, "The symbol is, or looks like, one of the chain's own."],
  KEY_NOT_SIGNING: [313, "The new key must be among the signers, which proves that its owner holds it."],
  ACCOUNT_NOT_EMPTY: [314, "The account still holds tokens and can't be closed."],
  UNKNOWN_ACCOUNT: [315, "The account does not exist."],
  FEE_ABOVE_LIMIT: [316, "The fee at this height exceeds the fee limit."],
  KEY_REPLACED: [317, "An account whose key was replaced can't be closed: its old key would rule it again."],
  SAME_ACCOUNT: [318, "The operation's two accounts must differ."],
  NO_QUOTE: [319, "The token has no quote on this chain; which tokens have one is for its votes to say."],
  LVM_OUT_OF_GAS: [320, "Contract: the call used all its gas."],
  LVM_OUT_OF_MEMORY: [321, "Contract: the call's memory limit is reached."],
  LVM_RUNTIME_ERROR: [322, "Contract: the contract raised an error."],
  LVM_STACK_OVERFLOW: [323, "Contract: too many nested calls inside the contract."],
  LVM_CALL_DEPTH: [324, "Contract: too many contracts inside one another's calls."],
  LVM_REENTRANT: [325, "Contract: the contract is already in the middle of a call."],
  LVM_READ_ONLY: [326, "Contract: a read-only call may not change anything."],
  LVM_NOT_VIEW: [327, "Contract: only view functions can be called read-only."],
  LVM_NOT_PAYABLE: [328, "Contract: the function does not take payments."],
  LVM_NO_FUNCTION: [329, "Contract: the contract has no such function."],
  LVM_NO_CONTRACT: [330, "Contract: there is no contract at the address."],
  LVM_BAD_ARGUMENT: [331, "Contract: an argument has the wrong type, form or size."],
  LVM_BAD_VALUE: [332, "Contract: the value cannot be stored or passed between contracts."],
  LVM_BALANCE: [333, "Contract: the balance is too low."],
  LVM_EVENT_LIMIT: [334, "Contract: too many events, or one too large."],
  LVM_STORAGE_LIMIT: [335, "Contract: a storage key or value is too large."],
  LVM_RETURN_LIMIT: [336, "Contract: the return value is too large."],
  LVM_ACCESS: [337, "Contract: the caller lacks the right."],
  LVM_BIGNUM: [338, "Contract: a 256-bit integer overflows, or a division by zero."],
  LVM_LOADING: [339, "Contract: not available while the contract is loading."],
  LVM_NOT_LOADING: [340, "Contract: only available while the contract is loading."],
  LVM_SYNTAX: [341, "Contract: the source is not Lua."],
  LVM_FORBIDDEN: [342, "Contract: the source uses what contracts may not use."],
  LVM_SOURCE_LIMIT: [343, "Contract: the source is too large."],
  LVM_TEST_FAILED: [344, "Contract: a test of the contract's package failed."],
  CONTRACT_STATUS: [345, "The contract is paused, permanent or destroyed, and the operation is for one that is not."],
  UPGRADE_REFUSED: [346, "The contract's upgrade policy does not allow this upgrade, or not yet."],
  DEPOSIT_ABOVE_LIMIT: [347, "The deposits for new state exceed what the operation allows."],
  RECEIPT_FULL: [348, "The transaction tells more events than a receipt holds."],
  UNKNOWN_REQUEST: [349, "No request for outside data is open under this key, or it can't be delivered yet."],
  UNKNOWN_CANDIDATE: [350, "No candidate stands under this address."],
  CANDIDATE_EXISTS: [351, "The account stands for election already."],
  CANDIDATES_FULL: [352, "The list of candidates is full."],
  DELEGATE_KEY_TAKEN: [353, "Another candidate stands, or stood, with this key."],
  CANDIDATE_BARRED: [354, "The candidate signed two blocks of one height and may never stand again."],
  VOTE_TOO_SMALL: [355, "Less would be locked than the chain's least."],
  INSUFFICIENT_VOTES: [356, "The account has not locked that much."],
  UNBONDING_FULL: [357, "Too many withdrawals of different times are waiting: withdraw some first."],
  NOTHING_DUE: [358, "There is nothing to pay out yet."],
  NOT_SUSPENDED: [359, "The candidate is not suspended."],
  STILL_SUSPENDED: [360, "The suspension lasts for more rounds."],
  BAD_EVIDENCE: [361, "The evidence does not show one key signing two blocks of one height."],
  EVIDENCE_TOO_OLD: [362, "The double signature is older than the chain punishes."],
  UNKNOWN_PARTNER: [363, "The account is no admitted partner."],
  UNKNOWN_MASTER: [364, "The account has no master node on the list."],
  MASTER_EXISTS: [365, "The account has a master node on the list already."],
  MASTERS_FULL: [366, "The list of master nodes is full."],
  NO_CHALLENGE: [367, "There is no challenge to answer now, or it was answered."],
  WRONG_ANSWER: [368, "The answer is not that of the present challenge."],
  UNKNOWN_PROPOSAL: [380, "No proposal has this number."],
  PROPOSAL_CLOSED: [381, "The proposal can't be voted on any more."],
  NOT_ENTITLED: [382, "Delegates propose; delegates or holders of locked votes decide, as the proposal says."],
  ALREADY_VOTED: [383, "The account has voted on this proposal."],
  BAD_PROPOSAL: [384, "The chain could not run with what is proposed, or not from that height on."],
  PROPOSALS_FULL: [385, "Too many proposals are open; one of each proposer at a time."],
  BAD_NAME: [
    390,
    "A name is lower-case letters and digits, or syllables of Hangul and digits, with single hyphens inside.",
  ],
  NAME_RESERVED: [391, "The name is, or looks like, one that nobody may hold."],
  NAME_COMMITTED: [392, "The same commitment to a name is waiting already."],
  NO_NAME_COMMITMENT: [393, "The account has committed to no such name and salt, or too long ago."],
  NAME_COMMITMENT_YOUNG: [394, "The commitment is too young: the name may be revealed some heights later."],
  NAME_TAKEN: [395, "Somebody holds this name, or one that looks like it."],
  UNKNOWN_NAME: [396, "Nobody holds this name."],
  NAME_PAID: [397, "The name is paid for long enough ahead."],

  BUSY: [400, "The node is full; retry after the time it names."],
  SENDER_LIMIT: [401, "The sender has too many transactions waiting."],
  BALANCE_RESERVED: [402, "The sender's waiting transactions leave too little for this one."],
  NOT_FOUND: [404, "There is no such thing here."],
  BAD_REQUEST: [405, "The request is not of the documented form."],
  HEIGHT_NOT_KEPT: [406, "The state of that height is not kept or not reached yet."],
  UNAVAILABLE: [407, "This node does not offer that."],
  UNAUTHORIZED: [410, "This needs an API key that allows it."],
  RATE_LIMITED: [
    411,
    "This address asks too much, or sent too much that was for nothing; retry after the time it names.",
  ],
  INTERNAL: [499, "The node failed; the operator's log says why."],

  IDEMPOTENCY_CONFLICT: [
    500,
    "The idempotency key was used for another request: the same key gives the same answer for ever, a new request needs a new one.",
  ],
  QUOTE_UNAVAILABLE: [501, "There is no fresh quote for the token: nothing is guessed."],
  FORBIDDEN: [502, "The key's holder may not do that."],
  INVOICE_NOT_PAYABLE: [503, "The chain takes no payment of this invoice any more."],
  REFUND_TOO_LARGE: [504, "More would go back than came in."],
  CODE_USED: [505, "The customer's code was used before, or has expired."],
  WEBHOOK_ADDRESS: [506, "The gateway sends to public HTTPS addresses only, unless its operator allows others."],
  GATEWAY_BEHIND: [507, "The gateway does not follow its chain now; retry later."],
  NO_HOLDER: [508, "No instance of the gateway holds its store now; send the request again, with the same key."],
  MILEAGE_UNAVAILABLE: [509, "No mileage desk signs for this store now."],
  PURCHASE_PENDING: [
    510,
    "Another purchase of the invoice was signed and may be committed yet, up to the height named.",
  ],
  HISTORY_FENCED: [580, "Another indexer writes the history since: this one has stopped."],
  HISTORY_FOREIGN: [581, "The history's store holds the rows of another chain, or of another course of this one."],
  HISTORY_UNREACHABLE: [
    582,
    "The history's store can't be reached now; the chain goes on, and its history follows later.",
  ],
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The number a receipt carries for `code`. */
export function errorNumber(code: ErrorCode): number {
  return ERROR_CODES[code][0];
}

const byNumber = new Map<number, ErrorCode>(
  (Object.keys(ERROR_CODES) as ErrorCode[]).map((code) => [ERROR_CODES[code][0], code]),
);

/** The name of a receipt's code number; "OK" for 0, undefined where no such code exists. */
export function errorName(number: number): ErrorCode | "OK" | undefined {
  return number === 0 ? "OK" : byNumber.get(number);
}

/** Bad input, named by a code of the table; `message` says "expected X, got Y". */
export class CodedError extends Error {
  override name = "CodedError";
  readonly code: ErrorCode;
  readonly details: Record<string, string | number>;

  constructor(code: ErrorCode, message: string = ERROR_CODES[code][1], details: Record<string, string | number> = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }
}
