// ttchain wallet send: pays somebody and waits until the payment is in a block.

import { Command } from "commander";
import { fromHex, utf8Bytes } from "../../base/bytes.js";
import { transfer } from "../../client/actions.js";
import { formatAddress } from "../../protocol/address.js";
import { MEMO_BYTES_MAX } from "../../protocol/limits.js";
import { REFERENCE_BYTES } from "../../protocol/operations/transfer.js";
import { UsageError } from "../failures.js";
import { makeClient, type WalletOptions, withExamples, withWalletOptions } from "../options.js";
import { readPayee } from "../payee.js";
import { sendActions } from "../sendActions.js";
import { readAmount, readTokenId, showAmount, tokenFace } from "../tokenFace.js";
import { openAccount } from "../walletFile.js";

interface SendOptions extends WalletOptions {
  feeToken?: string;
  reference?: string;
  memo?: string;
  yes?: boolean;
}

function readReference(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes?.length !== REFERENCE_BYTES) {
    throw new UsageError(`expected a reference of ${2 * REFERENCE_BYTES} hex digits`);
  }
  return bytes;
}

function readMemo(text: string): Uint8Array {
  const bytes = utf8Bytes(text);
  if (bytes.length < 1 || bytes.length > MEMO_BYTES_MAX) {
    throw new UsageError(`expected a memo of 1 to ${MEMO_BYTES_MAX} bytes, got ${bytes.length}`);
  }
  return bytes;
}

export function walletSendCommand(): Command {
  const command = new Command("send")
    .description("pay an address or a name and wait for the block")
    .argument("<address>", "ttc1…, or a name")
    .argument("<amount>", "such as 12.5")
    .argument("[token]", "TTC, TTM, TTMI or a token's id of 64 hex digits", "TTC")
    .option("--fee-token <token>", "pay the fee in this token, where the chain allows it")
    .option("--reference <hex>", "the payee's reference, which can be paid once only")
    .option("--memo <text>", `a public note of up to ${MEMO_BYTES_MAX} bytes`)
    .option("--yes", "do not ask");
  const address = formatAddress(new Uint8Array(32).fill(1));
  withExamples(
    withWalletOptions(command),
    `wallet send ${address} 12.5`,
    "wallet send corner-cafe 12.5",
    `wallet send ${address} 5000 TTM --yes --json`,
  );
  return command.action(async (to: string, amountText: string, token: string, options: SendOptions) => {
    const reference = options.reference === undefined ? {} : { reference: readReference(options.reference) };
    const memo = options.memo === undefined ? {} : { memo: readMemo(options.memo) };
    const feeToken = options.feeToken === undefined ? {} : { feeToken: readTokenId(options.feeToken) };
    const client = makeClient(options);
    const payee = await readPayee(client, to);
    const face = await tokenFace(client, readTokenId(token));
    const amount = readAmount(amountText, face);
    const account = await openAccount(options);
    await sendActions({
      client,
      account,
      actions: [transfer(account, { to: payee.address, amount, token: face.token, ...reference })],
      summary: [
        ["From", account.addressText],
        ["To", payee.shown],
        ["Amount", showAmount(amount, face)],
      ],
      options,
      transactionOptions: { ...memo, ...feeToken },
    });
  });
}
