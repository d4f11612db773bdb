import { breachCheck } from "./breach-check.ts";
import type { Command } from "./command.ts";
import { query } from "./query.ts";
import { status } from "./status.ts";
import { tenantSweep } from "./tenant-sweep.ts";
import { whoami } from "./whoami.ts";

/** Every slash command, in the order in which Discord lists them. */
export const commands: readonly Command[] = [breachCheck, tenantSweep, query, status, whoami];
