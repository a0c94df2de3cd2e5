// Watches a node: every block, and the payments of one address where one is given. Kill the node and start it again: it goes on
// where it was, with nothing missed and nothing twice.
//
//   node examples/subscribe.mjs [url] [address]

import { Connection, formatAmount, NATIVE_FACES } from "ttchain";

const url = process.argv[2] ?? "http://127.0.0.1:7070";
const address = process.argv[3];
const connection = await Connection.open({
  url,
  onStateChange: (state, reason) => console.log(state === "open" ? `connected to ${url}` : `lost: ${reason}`),
});

if (address !== undefined) {
  connection.subscribe({ topic: "payments", address }, ({ height, transactions }) => {
    for (const { id, code, operations } of transactions) {
      for (const { kind, to, token, amount } of operations) {
        if (kind === "transfer" && to === address && code === "OK") {
          const units = formatAmount(BigInt(amount), NATIVE_FACES[token]?.decimals ?? 0);
          console.log(`received ${units} ${token} in block ${height}: ${id}`);
        }
      }
    }
  });
}

for await (const { block } of connection.subscribe({ topic: "blocks" })) {
  console.log(`block ${block.height}  ${block.transactionCount} transactions  ${block.hash}`);
}
