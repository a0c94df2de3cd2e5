// The SDK: what `import … from "ttchain"` gives to wallets, tills and explorers, in Node and in a browser. It reaches a
// node by wire only.

export { fromHex, toHex } from "../base/bytes.js";
export { addressOfKey, contractAddress, deployedAddress, formatAddress, parseAddress } from "../protocol/address.js";
export type { ContractEventJson, OperationJson, SubscriptionTopic, TransactionJson } from "../protocol/apiTypes.js";
export type {
  ContractAbiJson,
  ContractActivityJson,
  ContractCountsJson,
  ContractJson,
  ContractSummaryJson,
  ContractsJson,
  OracleRequestJson,
  OracleRequestsJson,
} from "../protocol/contractApiTypes.js";
export { contractEntryKey, contractKey } from "../protocol/contractLeaves.js";
export type {
  CandidateJson,
  CandidatesJson,
  MastersJson,
  PartnersJson,
  ProposalJson,
  ProposalsJson,
  VotesJson,
} from "../protocol/delegateApiTypes.js";
export { type Delegate, delegateSetHash } from "../protocol/delegates.js";
export { CodedError, ERROR_CODES, type ErrorCode } from "../protocol/errors.js";
export { feeTokensAllowed, minimumFee, transactionFee } from "../protocol/fees.js";
export { type Genesis, genesisHash, NATIVE_FACES } from "../protocol/genesis.js";
export { genesisDelegates } from "../protocol/genesisDelegates.js";
export { type LvmJson, lvmJson, parseLvmJson } from "../protocol/lvmJson.js";
export {
  decodeLvmValue,
  encodeLvmValue,
  encodeLvmValues,
  LvmBignum,
  type LvmKey,
  type LvmValue,
} from "../protocol/lvmValue.js";
export type {
  AbsenceJson,
  CheckoutJson,
  InvoiceJson,
  InvoiceState,
  MerchantEventJson,
  MerchantEventType,
  MileageOfferJson,
  RefundJson,
  StoreJson,
  UnassignedJson,
  WebhookJson,
} from "../protocol/merchantApiTypes.js";
export type { NameJson } from "../protocol/nameApiTypes.js";
export { decodeNameLeaf, heldName, type NameLeaf, nameKey } from "../protocol/nameLeaves.js";
export { expectName, isNameText, nameCommitment, nameSkeleton } from "../protocol/names.js";
export { challengeAnswer } from "../protocol/officeLeaves.js";
export type { ProposalContent } from "../protocol/operations/officeOperations.js";
export type { Operation, OperationKind, UpgradePolicy } from "../protocol/operations/operation.js";
export { packageHash } from "../protocol/packageHash.js";
export type { ChainParameters, Quote } from "../protocol/parameters.js";
export type {
  DayTotalJson,
  DayTotalsJson,
  PaymentIndexJson,
  PaymentJson,
  PaymentsJson,
} from "../protocol/paymentApiTypes.js";
export { VOTABLE_PARAMETERS } from "../protocol/proposalContent.js";
export { RING_KEYS_MAX, type RingStatement, verifyRing } from "../protocol/ringSignature.js";
export { askedSeedKey, decodeAskedSeed, decodeSeedLeaf, nextSeed, seedKey } from "../protocol/seed.js";
export { accountKey, balanceKey, laneKey, referenceKey, tokenKey } from "../protocol/stateLeaves.js";
export { createdTokenId, NATIVE_TOKENS, type TokenId, TTC_UNIT } from "../protocol/tokens.js";
export { decodeTransaction, type Signer, type Transaction, type TransactionBody } from "../protocol/transaction.js";
export { verifyRandom } from "../protocol/vrf.js";
export { Account } from "./account.js";
export {
  type Action,
  type AddressLike,
  burn,
  callContract,
  closeAccount,
  createToken,
  destroyContract,
  mint,
  payWithMileage,
  publishContract,
  registerContract,
  replaceKey,
  setContractPaused,
  setFrozen,
  transfer,
  upgradeContract,
} from "./actions.js";
export { formatAmount, parseAmount } from "./amounts.js";
export type {
  AccountState,
  BlockDetails,
  BlockSummary,
  HistoryEntry,
  HistoryPage,
  LaneAnswer,
  ReceiptAnswer,
  ReferenceState,
  Status,
  SubmitResult,
  TokenHolders,
  TokenPage,
  TokenState,
  TransactionState,
  TransactionSummary,
} from "./answers.js";
export { encodeBatchFrame, splitBatches } from "./batchFrame.js";
export {
  buildBody,
  buildTransaction,
  type ChainView,
  type SignedTransaction,
  signBody,
  type TransactionOptions,
} from "./buildTransaction.js";
export { type ClientOptions, DEFAULT_NODE_URL, TTChainClient } from "./client.js";
export { Connection, type ConnectionOptions } from "./connection.js";
export {
  answerChallenge,
  claimPartner,
  claimRewards,
  propose,
  registerCandidate,
  registerMaster,
  reportDoubleSign,
  resignCandidate,
  resignMaster,
  resumeCandidate,
  unlock,
  updateCandidate,
  vote,
  voteProposal,
  withdraw,
} from "./delegateActions.js";
export { type EmvCode, formatEmvCode, isEmvCode, parseEmvCode } from "./emvCode.js";
export {
  accountOfSecret,
  decryptKeyFile,
  encryptKeyFile,
  type KeyFile,
  type KeyFileSecret,
  parseKeyFile,
} from "./keyFile.js";
export { LaneSequencer } from "./laneSequencer.js";
export { LightClient, type LightClientOptions, type LightClientTrust } from "./lightClient.js";
export {
  MerchantClient,
  type MerchantClientOptions,
  type NewInvoiceRequest,
  type NewStoreRequest,
} from "./merchantClient.js";
export { accountFromMnemonic, accountPath, checkMnemonic, newMnemonic } from "./mnemonic.js";
export {
  commitName,
  makeNameSalt,
  releaseName,
  renewName,
  revealName,
  setName,
  transferName,
} from "./nameActions.js";
export type { BatchListener, BatchPromises, FinalAnswer, Refusal } from "./openBatches.js";
export { answerOracle, deliverOracle, priceOracle } from "./oracleActions.js";
export { isPayCode, makePayCode, type PayCode, readPayCode } from "./payCode.js";
export { formatPaymentUri, isPaymentUri, type PaymentRequest, parsePaymentUri } from "./paymentUri.js";
export { buildPurchase } from "./purchase.js";
export { expiryHeightOf, makeReference } from "./references.js";
export { NodeUnreachableError } from "./requestJson.js";
export { Sender, type SendTransactionOptions } from "./sender.js";
export { type Outcome, OutcomeUnknownError, sendTransaction } from "./sendTransaction.js";
export type { Subscription, SubscriptionMessage, SubscriptionOptions } from "./subscription.js";
export {
  type StateProof,
  type TransactionProof,
  type TrustedDelegates,
  verifyStateProof,
  verifyTransactionProof,
} from "./verifyProof.js";
export { verifyWebhook, type WebhookHeaders } from "./verifyWebhook.js";
export { isFinal, type WaitOptions, waitForCommit } from "./waitForCommit.js";
