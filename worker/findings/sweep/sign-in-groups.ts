import * as z from "zod";

const Time = z.iso.datetime();
/** One sign-in of a group, so that a reader can find it in the sign-in log. */
const Example = z.object({
  id: z.string(),
  at: Time.nullable(),
  ip: z.string().nullable(),
  city: z.string().nullable(),
  app: z.string().nullable(),
  client: z.string().nullable(),
  user_agent: z.string().nullable(),
});
export type Example = z.infer<typeof Example>;

const Count = z.number().int().nonnegative();
const Span = { first: Time.nullable(), last: Time.nullable() };

/** An address, or an IPv6 /64, from which passwords were tried. */
const NetworkGroup = z.object({
  network: z.string(),
  country: z.string().nullable(),
  failures: Count,
  /** Distinct accounts that it tried, at most 100: that many are "100 or more". */
  tried_users: Count,
  /** Some of them. */
  users: z.array(z.string()),
  ...Span,
  /** Accounts that signed in from it, at most 20 of them. */
  successes: z.array(z.object({ user: z.string(), count: Count, managed: z.boolean(), ...Span })),
  /** All accounts that did; of a place with more than 20, those and the further sign-ins. */
  success_users: Count,
});
export type NetworkGroup = z.infer<typeof NetworkGroup>;

/** An account whose password was tried. */
const TargetGroup = z.object({
  user: z.string(),
  failures: Count,
  lockouts: Count,
  networks: z.array(z.object({ network: z.string(), failures: Count })),
  ...Span,
});

/** Where and how one account signed in from one foreign country. */
const ForeignGroup = z.object({
  user: z.string(),
  country: z.string(),
  count: Count,
  /** Of the interactive ones: non-interactive sign-ins renew a session and name no factor of their own. */
  ways: z.object({ managed: Count, multi: Count, unknown: Count, single: Count }),
  networks: z.array(z.string()),
  ...Span,
  example: Example,
});
export type ForeignGroup = z.infer<typeof ForeignGroup>;

/** Right passwords from one foreign country that MFA or Conditional Access stopped. */
const StoppedGroup = z.object({
  user: z.string(),
  country: z.string(),
  count: Count,
  codes: z.array(z.number().int()),
  networks: z.array(z.string()),
  ...Span,
  example: Example,
});

/** An account whose second factor was refused, with the newest refusals. */
const RefusalGroup = z.object({
  user: z.string(),
  count: Count,
  refusals: z.array(z.object({ at: Time, country: z.string().nullable(), network: z.string() })),
});
export type RefusalGroup = z.infer<typeof RefusalGroup>;

export const Trait = z.enum([
  "legacy",
  "device-code",
  "ropc",
  "phishing-kit",
  "high-risk",
  "confirmed-compromised",
]);
export type Trait = z.infer<typeof Trait>;

/** Sign-ins of one account in one country that stand out by themselves. */
const TraitGroup = z.object({
  trait: Trait,
  user: z.string(),
  country: z.string().nullable(),
  foreign: z.boolean(),
  /** Its networks see ordinary sign-ins too, as an office does. */
  from_ordinary_network: z.boolean(),
  count: Count,
  networks: z.array(z.string()),
  ...Span,
  example: Example,
});
export type TraitGroup = z.infer<typeof TraitGroup>;

/**
 * A tenant's sign-ins, folded: the built-in sweep reads more of them than anybody could keep, and leaves this in their
 * place. `approximate` says in sentences what was counted only in part; without any, every number is exact.
 */
export const SignInGroups = z.object({
  schema: z.literal("tenant-sweep/sign-in-groups@1"),
  /** The oldest and the newest sign-in that was read. */
  first: Time.nullable(),
  last: Time.nullable(),
  counts: z.object({
    total: Count,
    interactive: Count,
    non_interactive: Count,
    succeeded: Count,
    failed: Count,
    /** The record does not say whether it succeeded. */
    unknown: Count,
    /** Wrong passwords, unknown accounts, lockouts. */
    tried: Count,
    lockouts: Count,
    /** Successes of which the country is not known. */
    without_country: Count,
  }),
  home: z.object({
    countries: z.array(z.string()),
    basis: z.enum(["organisation", "most users", "unknown"]),
  }),
  error_codes: z.array(z.object({ code: z.number().int(), count: Count })),
  tried_from: z.array(z.object({ country: z.string().nullable(), count: Count })),
  networks: z.array(NetworkGroup),
  targets: z.array(TargetGroup),
  foreign: z.array(ForeignGroup),
  stopped: z.array(StoppedGroup),
  refusals: z.array(RefusalGroup),
  traits: z.array(TraitGroup),
  approximate: z.array(z.string()),
});
export type SignInGroups = z.infer<typeof SignInGroups>;
