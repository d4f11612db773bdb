import { benchSweepMemory } from "./sweep-memory.ts";
import { benchUserCheck } from "./user-check.ts";
import { benchWebhook } from "./webhook.ts";

const benches: Record<string, () => Promise<void>> = {
  webhook: benchWebhook,
  async investigation() {
    await benchUserCheck();
    await benchSweepMemory();
  },
};

const name = process.argv[2] ?? "";
const bench = benches[name];
if (bench === undefined) {
  process.stderr.write(`Usage: npm run bench -- ${Object.keys(benches).join("|")}\n`);
  process.exitCode = 1;
} else {
  await bench();
}
