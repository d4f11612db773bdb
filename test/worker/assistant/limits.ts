/** The defaults of the configuration; no test comes near them. */
export const LIMITS = {
  user: { cents: 200, tokens: 3_000_000 },
  guild: { cents: 2_000, tokens: 30_000_000 },
};
