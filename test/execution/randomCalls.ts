// Random blocks of contract calls that meet: a contract that moves, counts, pays, calls and makes others, and people who call it.

import type { SeededRandom } from "../../src/base/random.js";
import type { Operation } from "../../src/protocol/operations/operation.js";
import { TTC_UNIT } from "../../src/protocol/tokens.js";
import type { Transaction } from "../../src/protocol/transaction.js";
import { callOf, deploy } from "./contractChain.js";
import { alice, bank, LedgerChain, person, transfer } from "./ledgerChain.js";

/** Moves, counts, pays, calls another contract and fails: with few keys, so that calls meet. */
const MIXER = `
local cells, total, peer = state.map("cells"), state.value("total"), state.value("peer")
abi.payable("put", function(key, by) cells[key] = (cells[key] or 0) + by event.emit("put", key, by) return cells[key] end, "key: integer, by: integer")
abi.call("move", function(from, to, by)
  local have = cells[from] or 0
  if have < by then error("too little") end
  cells[from] = have > by and have - by or nil
  cells[to] = (cells[to] or 0) + by
end, "from: integer, to: integer, by: integer")
abi.call("sum", function() local s = 0 for key = 1, 8 do s = s + (cells[key] or 0) end total:set(s) return s end)
abi.call("mine", function() cells[chain.sender()] = (cells[chain.sender()] or 0) + 1 end)
abi.call("pay", function(to, amount) token.transfer(to, amount) end, "to: address, amount: integer")
abi.call("befriend", function(who) peer:set(who) end, "who: address")
abi.call("pass", function(key) return (contract.tryCall(peer:get() or chain.contract(), "put", key, 1)) end, "key: integer")
abi.call("clone", function(key) return contract.deploy(peer:get() or chain.contract(), "k" .. key) end, "key: integer")
abi.call("spin", function(n) local x = 0 for i = 1, n do x = x + i end cells[9] = x end, "n: integer")
`;

export const PEOPLE = Array.from({ length: 6 }, (_, i) => person(`caller ${i}`));

/** A chain with people who have coins, and two contracts. */
export function funded(): { chain: LedgerChain; mixers: Uint8Array[] } {
  const chain = new LedgerChain();
  const operations = [...PEOPLE, bank].map(({ address }) => transfer(address, 1_000n * TTC_UNIT));
  chain.block([chain.ask({ operations })]);
  const mixers = [deploy(chain, MIXER), deploy(chain, `${MIXER}--`)];
  return { chain, mixers };
}

function randomCall(random: SeededRandom, mixers: Uint8Array[]): Operation {
  const contract = mixers[random.below(mixers.length)];
  const key = () => BigInt(1 + random.below(8));
  const paid = { payment: { token: "TTC", amount: BigInt(1 + random.below(1_000)) } };
  const wishes: [string, (bigint | Uint8Array)[], object?][] = [
    ["put", [key(), BigInt(random.below(100))], random.below(2) === 0 ? paid : {}],
    ["move", [key(), key(), BigInt(random.below(60))]],
    ["sum", []],
    ["mine", []],
    ["pay", [PEOPLE[random.below(PEOPLE.length)].address, BigInt(1 + random.below(500))]],
    ["befriend", [mixers[random.below(2)]]],
    ["pass", [key()]],
    ["clone", [key()], { gasLimit: 90_000 }],
    ["spin", [BigInt(random.below(3_000))]],
  ];
  const [name, args, wish = {}] = wishes[random.below(wishes.length)];
  return callOf(contract, name, args, { gasLimit: random.below(20) === 0 ? 3_000 : 60_000, ...wish });
}

/** Some payments and `count` calls for the next block. */
export function randomBlock(
  chain: LedgerChain,
  mixers: Uint8Array[],
  random: SeededRandom,
  count: number,
): Transaction[] {
  const ahead = PEOPLE.map(() => 0);
  const payments = Array.from({ length: random.below(4) }, () => {
    const i = random.below(PEOPLE.length);
    const ask = { operations: [transfer(alice, BigInt(1 + random.below(100)))], signers: [PEOPLE[i]] };
    return chain.ask(ask, ahead[i]++);
  });
  const calls = Array.from({ length: count }, () => {
    const i = random.below(PEOPLE.length);
    return chain.ask({ operations: [randomCall(random, mixers)], signers: [PEOPLE[i]] }, ahead[i]++);
  });
  return [...payments, ...calls];
}
