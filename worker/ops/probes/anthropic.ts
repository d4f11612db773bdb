import type { Probe } from "../probe.ts";
import { reachableProbe } from "./reachable.ts";

/** Whether the assistant could be asked: a key, and a way to the API. The key itself is neither shown nor tried. */
export function anthropicProbe({
  apiUrl,
  hasKey,
  model,
}: {
  apiUrl: string;
  hasKey: boolean;
  model: string;
}): Probe {
  const reachable = reachableProbe("Anthropic", `${apiUrl}/v1/models`);
  return {
    ...reachable,
    async look(signal) {
      if (!hasKey) return { state: "off", figure: "no ANTHROPIC_API_KEY, so there is no assistant" };
      const seen = await reachable.look(signal);
      return { ...seen, figure: `${model}, key set, ${seen.figure}` };
    },
  };
}
