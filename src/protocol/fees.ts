// The fee schedule: what a transaction costs, as a function of its body and the chain's parameters alone. Amounts round up, so
// that splitting a payment never makes it cheaper.

import { CodedError } from "./errors.js";
import { AMOUNT_MAX } from "./limits.js";
import { isContractTransaction } from "./operations/contracts.js";
import type { Operation } from "./operations/operation.js";
import type { ChainParameters, Quote } from "./parameters.js";
import type { TokenId } from "./tokens.js";
import type { TransactionBody } from "./transaction.js";

const BASIS_POINTS = 10_000n;
/** The gas price is for so much of it. */
const GAS_PRICE_UNIT = 1_000n;
const TTC_QUOTE: Quote = { token: "TTC", units: 1n, ttcUnits: 1n };

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

/** The token's quote; TTC's is one to one, and undefined means that the chain has no price for it. */
export function quoteOf(parameters: ChainParameters, token: TokenId): Quote | undefined {
  return token === "TTC" ? TTC_QUOTE : parameters.quotes.find((quote) => quote.token === token);
}

/** `amount` of one quoted token in units of another, rounded up. */
function convert(amount: bigint, from: Quote, to: Quote): bigint {
  return from.token === to.token ? amount : divideUp(amount * from.ttcUnits * to.units, from.units * to.ttcUnits);
}

/** What is charged, at the least, for any transaction that enters a block, in units of the quoted token. */
export function minimumFee(parameters: ChainParameters, feeToken: TokenId): bigint {
  const quote = quoteOf(parameters, feeToken);
  if (quote === undefined) {
    throw new CodedError("FEE_TOKEN_NOT_ALLOWED", `expected a fee token with a quote, got ${feeToken}`);
  }
  return convert(parameters.feeMinTtcUnits, TTC_QUOTE, quote);
}

/** What gas costs, in TTC units, rounded up. */
export function gasCost(parameters: ChainParameters, gas: number): bigint {
  return divideUp(BigInt(gas) * parameters.gasPriceTtcUnits, GAS_PRICE_UNIT);
}

/** One operation's fee and the token it is counted in: the moving token where that has a quote, else TTC. */
function operationFee(parameters: ChainParameters, operation: Operation): { quote: Quote; fee: bigint } {
  switch (operation.kind) {
    case "transfer": {
      const quote = quoteOf(parameters, operation.token);
      if (quote === undefined) {
        return { quote: TTC_QUOTE, fee: parameters.feeMinTtcUnits };
      }
      const share = divideUp(operation.amount * BigInt(parameters.feeRateBasisPoints), BASIS_POINTS);
      const least = convert(parameters.feeMinTtcUnits, TTC_QUOTE, quote);
      return { quote, fee: share > least ? share : least };
    }
    case "createToken":
      return { quote: TTC_QUOTE, fee: parameters.feeCreateTokenTtcUnits };
    case "mint":
      return { quote: TTC_QUOTE, fee: parameters.feeMintTtcUnits };
    case "burn":
      return { quote: TTC_QUOTE, fee: parameters.feeBurnTtcUnits };
    case "revealName":
    case "renewName":
      return { quote: TTC_QUOTE, fee: parameters.names.feeNameTtcUnits };
    case "registerContract":
    case "upgradeContract":
    case "callContract":
      // All of its gas: what was not used is given back.
      return { quote: TTC_QUOTE, fee: parameters.feeMinTtcUnits + gasCost(parameters, operation.gasLimit) };
    case "publishContract":
    case "setContractPaused":
    case "destroyContract":
    case "answerOracle":
    case "deliverOracle":
    case "priceOracle":
    case "replaceKey":
    case "setFrozen":
    case "closeAccount":
    case "registerCandidate":
    case "updateCandidate":
    case "resignCandidate":
    case "resumeCandidate":
    case "vote":
    case "unlock":
    case "withdraw":
    case "claimRewards":
    case "reportDoubleSign":
    case "claimPartner":
    case "registerMaster":
    case "answerChallenge":
    case "resignMaster":
    case "propose":
    case "voteProposal":
    case "commitName":
    case "setName":
    case "transferName":
    case "releaseName":
      return { quote: TTC_QUOTE, fee: parameters.feeMinTtcUnits };
  }
}

/**
 * The tokens in which a transaction with these operations may pay its fee: those that its transfers move and that have a
 * quote; TTC where any operation's fee is counted in TTC, and nothing else where one is on a contract.
 */
export function feeTokensAllowed(parameters: ChainParameters, operations: Operation[]): Set<TokenId> {
  if (isContractTransaction(operations)) {
    return new Set(["TTC"]);
  }
  return new Set(operations.map((operation) => operationFee(parameters, operation).quote.token));
}

/**
 * The fee of a body, in units of its fee token: the sum over its operations, each converted to the fee token and rounded up, and
 * never below the minimum fee, so that failing never costs more than succeeding.
 * Throws FEE_TOKEN_NOT_ALLOWED for a token that these operations can't pay in, AMOUNT_OUT_OF_RANGE beyond 2^63 - 1.
 */
export function transactionFee(
  parameters: ChainParameters,
  body: Pick<TransactionBody, "feeToken" | "operations">,
): bigint {
  const feeQuote = quoteOf(parameters, body.feeToken);
  let total = 0n;
  let allowed = false;
  for (const operation of body.operations) {
    const { quote, fee } = operationFee(parameters, operation);
    allowed ||= quote.token === body.feeToken;
    total += feeQuote === undefined ? 0n : convert(fee, quote, feeQuote);
  }
  if (body.feeToken !== "TTC" && isContractTransaction(body.operations)) {
    allowed = false;
  }
  if (feeQuote === undefined || !allowed) {
    const names = [...feeTokensAllowed(parameters, body.operations)].join(" or ");
    throw new CodedError("FEE_TOKEN_NOT_ALLOWED", `expected the fee in ${names}, got ${body.feeToken}`);
  }
  const least = convert(parameters.feeMinTtcUnits, TTC_QUOTE, feeQuote);
  if (total < least) {
    total = least;
  }
  if (total > AMOUNT_MAX) {
    throw new CodedError("AMOUNT_OUT_OF_RANGE", `expected a fee below 2^63, got ${total}`);
  }
  return total;
}
