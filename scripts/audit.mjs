// npm run audit: asks the registry for advisories on what is installed. Fails on moderate ones or worse; where the registry does not
// answer the question, says so and does not fail.
import { spawnSync } from "node:child_process";

const { stdout } = spawnSync("npm", ["audit", "--json"], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
let answer;
try {
  answer = JSON.parse(stdout);
} catch {
  answer = {};
}
const counts = answer.metadata?.vulnerabilities;
if (counts === undefined) {
  const status = /\b[45]\d\d [A-Z][A-Za-z ]+\b/.exec(answer.message ?? "")?.[0] ?? "no answer";
  console.log(`npm audit: the registry in use does not tell of advisories (${status}); nothing was checked`);
} else {
  console.log(`npm audit: ${JSON.stringify(counts)}`);
  for (const { name, severity, range } of Object.values(answer.vulnerabilities ?? {})) {
    console.log(`  ${severity} ${name} ${range}`);
  }
  process.exitCode = counts.moderate + counts.high + counts.critical > 0 ? 1 : 0;
}
