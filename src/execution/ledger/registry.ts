// The table of what each kind of operation does to the state.

import { assert } from "../../base/assert.js";
import type { Operation, OperationKind } from "../../protocol/operations/operation.js";
import { executeCallContract } from "../contracts/callContract.js";
import { executeDestroyContract } from "../contracts/destroyContract.js";
import { executeAnswerOracle, executeDeliverOracle, executePriceOracle } from "../contracts/oracle.js";
import { executePublishContract } from "../contracts/publishContract.js";
import { executeRegisterContract } from "../contracts/registerContract.js";
import { executeSetContractPaused } from "../contracts/setContractPaused.js";
import { executeUpgradeContract } from "../contracts/upgradeContract.js";
import { executeReleaseName, executeRenewName, executeSetName, executeTransferName } from "../names/keepName.js";
import { executeCommitName, executeRevealName } from "../names/takeName.js";
import {
  executeRegisterCandidate,
  executeResignCandidate,
  executeResumeCandidate,
  executeUpdateCandidate,
} from "../rdpos/candidates.js";
import { executeReportDoubleSign } from "../rdpos/doubleSign.js";
import { executeAnswerChallenge, executeRegisterMaster, executeResignMaster } from "../rdpos/masters.js";
import { executeClaimPartner } from "../rdpos/partners.js";
import { executePropose, executeVoteProposal } from "../rdpos/proposals.js";
import { executeClaimRewards, executeUnlock, executeVote, executeWithdraw } from "../rdpos/votes.js";
import { executeBurn } from "./burn.js";
import { executeCloseAccount } from "./closeAccount.js";
import { executeCreateToken } from "./createToken.js";
import type { LedgerContext } from "./ledgerContext.js";
import { executeMint } from "./mint.js";
import { executeReplaceKey } from "./replaceKey.js";
import { executeSetFrozen } from "./setFrozen.js";
import { executeTransfer } from "./transfer.js";

/** Applies an operation to the context's state; throws LedgerFailure where it can't be, leaving the undoing to the caller. */
type Execute<T extends Operation> = (context: LedgerContext, operation: T, operationIndex: number) => void;

const EXECUTE: { [K in OperationKind]: Execute<Extract<Operation, { kind: K }>> } = {
  transfer: executeTransfer,
  createToken: executeCreateToken,
  mint: executeMint,
  burn: executeBurn,
  replaceKey: executeReplaceKey,
  setFrozen: executeSetFrozen,
  closeAccount: executeCloseAccount,
  registerContract: executeRegisterContract,
  callContract: executeCallContract,
  publishContract: executePublishContract,
  upgradeContract: executeUpgradeContract,
  setContractPaused: executeSetContractPaused,
  destroyContract: executeDestroyContract,
  answerOracle: executeAnswerOracle,
  deliverOracle: executeDeliverOracle,
  priceOracle: executePriceOracle,
  registerCandidate: executeRegisterCandidate,
  updateCandidate: executeUpdateCandidate,
  resignCandidate: executeResignCandidate,
  resumeCandidate: executeResumeCandidate,
  vote: executeVote,
  unlock: executeUnlock,
  withdraw: executeWithdraw,
  claimRewards: executeClaimRewards,
  reportDoubleSign: executeReportDoubleSign,
  claimPartner: executeClaimPartner,
  registerMaster: executeRegisterMaster,
  answerChallenge: executeAnswerChallenge,
  resignMaster: executeResignMaster,
  propose: executePropose,
  voteProposal: executeVoteProposal,
  commitName: executeCommitName,
  revealName: executeRevealName,
  setName: executeSetName,
  renewName: executeRenewName,
  transferName: executeTransferName,
  releaseName: executeReleaseName,
};

/** Applies any operation; throws LedgerFailure. */
export function executeOperation(context: LedgerContext, operation: Operation, operationIndex: number): void {
  const execute = EXECUTE[operation.kind] as Execute<Operation> | undefined;
  assert(execute !== undefined, `no ledger operation of kind ${operation.kind}`);
  execute(context, operation, operationIndex);
}
