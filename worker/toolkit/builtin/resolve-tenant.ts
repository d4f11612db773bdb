import { createFindTenant } from "./find-tenant.ts";
import { runAsProcess } from "./program.ts";

await runAsProcess(createFindTenant());
