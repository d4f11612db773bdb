import { createAudit } from "../../../worker/audit/audit.ts";
import { openChains } from "../../../worker/audit/open-chains.ts";
import { collectLog } from "../../log.ts";
import { actOf } from "./act-of.ts";

// A process that writes as fast as it can, started by start-writer.ts: four at once, each an attempt after the other.
const [dir = "", prefix = ""] = process.argv.slice(2);
const { log } = collectLog();
const { own } = await openChains(dir, { log, rotateAtBytes: 40_000 });
const audit = createAudit({ chain: own, log, secrets: [] });
process.send?.("open");
await Promise.all(
  [1, 2, 3, 4].map(async (lane) => {
    for (let count = 1; ; count += 1) {
      const jobId = `${prefix}-${lane}-${count}`;
      const act = actOf({ ids: { jobId }, effect: "change" });
      const recorded = await audit.attempt(act).then(
        () => true,
        () => false,
      );
      process.send?.({ jobId, recorded });
    }
  }),
);
