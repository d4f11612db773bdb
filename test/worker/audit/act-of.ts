import type { Act } from "../../../worker/audit/act.ts";

export function actOf(change: Partial<Act> = {}): Act {
  return {
    kind: "command",
    name: "breach-check",
    effect: "read",
    actor: { userId: "1100000000000000001", level: "tech" },
    place: { guildId: "1100000000000000002", channelId: "1100000000000000003" },
    target: { tenant: "contoso.com", upn: "adele@contoso.com" },
    args: { kind: "breach-check", tenant: "contoso.com", upn: "adele@contoso.com" },
    ids: { jobId: "ix-1100000000000000004", interactionId: "1100000000000000004" },
    ...change,
  };
}
