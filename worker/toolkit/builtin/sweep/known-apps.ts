import { ABUSED_APPS } from "../../../findings/indicators/apps.ts";
import { asCollection } from "../artifacts.ts";
import { readApps } from "./read-apps.ts";
import type { SweepCheck } from "./sweep-check.ts";

/** Whether one of the applications that attackers are known to use is in the tenant. */
export const knownApps: SweepCheck = {
  id: "known_apps",
  async run(context) {
    const found = await readApps(
      ABUSED_APPS.map(({ appId }) => appId),
      "appId",
      context,
    );
    await context.save("known-apps.json", asCollection(found));
    return { records: found.value.length, truncated: found.truncated };
  },
};
