import { runAsProcess } from "../../worker/toolkit/builtin/program.ts";
import { createSweepTenant } from "../../worker/toolkit/builtin/sweep-tenant.ts";

// `tenant-sweep` itself, without the pace that Microsoft's limit asks for: at that, three hundred pages take ten minutes.
await runAsProcess(createSweepTenant({ limits: { reportsRestMs: 0 } }));
process.stderr.write(`peak RSS ${process.resourceUsage().maxRSS} KiB\n`);
