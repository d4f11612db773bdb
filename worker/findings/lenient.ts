import { z } from "zod";

/**
 * Schemas for values from other people's tenants: what is absent, null or of an unexpected type is `undefined`, and
 * an enum is any text, because Microsoft adds values without notice. Nothing here can fail.
 * @see https://learn.microsoft.com/en-us/graph/best-practices-concept#handling-future-members-in-evolvable-enumerations
 */
export const text = z.string().optional().catch(undefined);

/** PowerShell's CSV and some scripts write "True". */
export const flag = z
  .union([z.boolean(), z.stringbool({ truthy: ["true"], falsy: ["false"] })])
  .optional()
  .catch(undefined);

export const number = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+(\.\d+)?$/)
      .transform(Number),
  ])
  .optional()
  .catch(undefined);

/** One string, a list of them, or nothing. */
export const strings = z
  .unknown()
  // Without this an absent key fails the object that it is missing from.
  .optional()
  .transform((value): string[] => {
    const list = Array.isArray(value) ? value : [value];
    return list.filter((element) => typeof element === "string");
  });

/** Milliseconds since 1970. Windows PowerShell 5 writes `/Date(1583…)/`. */
export const time = text.transform((value): number | undefined => {
  if (value === undefined) return undefined;
  const ticks = /^\/Date\((-?\d{1,15})\)\/$/.exec(value)?.[1];
  const ms = ticks === undefined ? Date.parse(value) : Number(ticks);
  return Number.isFinite(ms) && Math.abs(ms) <= MAX_TIME ? ms : undefined;
});
/** Beyond it `toISOString` writes a year of six digits, or throws. */
const MAX_TIME = Date.UTC(9999, 11, 31);
