// Pays somebody on a development node: two fresh accounts, coins from the faucet, one payment with a reference that can be
// paid once only, and the same payment again, which the chain refuses.
//
//   npx ttchain start                 in one shell
//   node examples/pay.mjs [url]       in another

import {
  Account,
  formatAmount,
  makeReference,
  parseAmount,
  Sender,
  toHex,
  transfer,
  TTChainClient,
  waitForCommit,
} from "ttchain";

const client = new TTChainClient({ url: process.argv[2] ?? "http://127.0.0.1:7070" });
const payer = Account.random();
const merchant = Account.random();

console.log(`payer     ${payer.addressText}`);
console.log(`merchant  ${merchant.addressText}`);
await waitForCommit(client, await client.faucet(payer.address));

const { height } = await client.status();
const invoice = { to: merchant.address, amount: parseAmount("12.5", 8), reference: makeReference(height + 1_000) };
const sender = new Sender(client, payer);

const { fee } = await sender.quote([transfer(payer, invoice)]);
console.log(`paying 12.5 TTC, fee ${formatAmount(fee, 8)} TTC`);
const first = await sender.send([transfer(payer, invoice)]);
console.log(`${first.outcome.state} in block ${first.outcome.height}: ${toHex(first.transaction.id)}`);

const second = await sender.send([transfer(payer, invoice)]);
console.log(`the same reference again: ${second.outcome.state}, ${second.outcome.code}`);

const { balances } = await client.account(merchant.address);
console.log(`the merchant holds ${formatAmount(balances.TTC, 8)} TTC`);
