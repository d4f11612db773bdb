import { ask } from "./ask.ts";
import { askAboutMessage } from "./ask-about-message.ts";
import { breachCheck } from "./breach-check.ts";
import type { Command } from "./command.ts";
import { forget } from "./forget.ts";
import { status } from "./status.ts";
import { tenantSweep } from "./tenant-sweep.ts";
import { usage } from "./usage.ts";

/** Every command, in the order in which Discord lists them. */
export const commands: readonly Command[] = [
  breachCheck,
  tenantSweep,
  ask,
  askAboutMessage,
  status,
  usage,
  forget,
];
