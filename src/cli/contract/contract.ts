// ttchain contract: from a folder with Lua to a contract on a chain.

import { Command } from "commander";
import { withExamples } from "../options.js";
import { callContractCommand } from "./call.js";
import { deployContractCommand } from "./deploy.js";
import { gasContractCommand } from "./gas.js";
import { listContractsCommand } from "./list.js";
import { newContractCommand } from "./new.js";
import { showContractCommand } from "./show.js";
import { testContractCommand } from "./test.js";
import { traceContractCommand } from "./trace.js";
import { upgradeContractCommand } from "./upgrade.js";
import { viewContractCommand } from "./view.js";
import { watchContractCommand } from "./watch.js";

export function contractCommand(): Command {
  const command = new Command("contract").description("write, test, register and call contracts in Lua");
  withExamples(command, "contract new tipjar", "contract test tipjar", "contract deploy tipjar");
  return command
    .addCommand(newContractCommand())
    .addCommand(testContractCommand())
    .addCommand(gasContractCommand())
    .addCommand(traceContractCommand())
    .addCommand(deployContractCommand())
    .addCommand(callContractCommand())
    .addCommand(viewContractCommand())
    .addCommand(showContractCommand())
    .addCommand(upgradeContractCommand())
    .addCommand(listContractsCommand())
    .addCommand(watchContractCommand());
}
