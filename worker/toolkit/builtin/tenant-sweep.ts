import { runAsProcess } from "./program.ts";
import { createSweepTenant } from "./sweep-tenant.ts";

await runAsProcess(createSweepTenant());
