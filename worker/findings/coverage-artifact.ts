import * as z from "zod";
import { Coverage } from "./findings.ts";

/**
 * `coverage.json`, which the built-in toolkit leaves beside its artifacts: what each of its checks saw. A foreign
 * toolkit leaves none, and its coverage is inferred from the evidence that was recognised.
 */
export const CoverageArtifact = z.object({
  schema: z.literal("breach-check/coverage@1"),
  toolkit: z.object({ name: z.string(), version: z.string() }),
  tenantId: z.string(),
  upn: z.string().nullable(),
  window_days: z.number().int().positive(),
  checks: z.array(Coverage),
});
export type CoverageArtifact = z.infer<typeof CoverageArtifact>;
