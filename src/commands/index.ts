import { ask } from "./ask.ts";
import { askAboutMessage } from "./ask-about-message.ts";
import { breachCheck } from "./breach-check.ts";
import type { Command } from "./command.ts";
import { forget } from "./forget.ts";
import { query } from "./query.ts";
import { status } from "./status.ts";
import { tenantSweep } from "./tenant-sweep.ts";
import { usage } from "./usage.ts";
import { whoami } from "./whoami.ts";

/** Every command, in the order in which Discord lists them. */
export const commands: readonly Command[] = [
  breachCheck,
  tenantSweep,
  ask,
  askAboutMessage,
  query,
  status,
  whoami,
  usage,
  forget,
];
