// This thread's contract machine. It is made when the first contract is run; what it keeps are images of loaded contracts, which change
// how long a call takes and nothing else.

import { LvmMachine } from "../lvm/lvmMachine.js";

let machine: LvmMachine | undefined;

export function contractMachine(): LvmMachine {
  machine ??= new LvmMachine();
  return machine;
}
