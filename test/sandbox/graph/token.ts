import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** What matters of an app-only token. @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
const Claims = z.object({
  aud: z.string(),
  tid: z.string(),
  appid: z.string(),
  roles: z.array(z.string()),
  exp: z.number(),
});
export type Claims = z.infer<typeof Claims>;

/** Whom a token is for. A token for one is refused by the other. */
export type Audience = "https://graph.microsoft.com" | "https://outlook.office365.com";

export interface TokenFacts {
  audience: Audience;
  tenantId: string;
  appId: string;
  roles: string[];
}

/** Looks like Entra's token and is signed, so that nobody can make one up. */
export function createTokens(key: Buffer, clock: () => number) {
  const sign = (text: string) => createHmac("sha256", key).update(text).digest();
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

  return {
    issue({ audience, tenantId, appId, roles }: TokenFacts): string {
      const seconds = Math.floor(clock() / 1000);
      const claims = {
        aud: audience,
        iss: `https://sts.windows.net/${tenantId}/`,
        iat: seconds,
        nbf: seconds,
        exp: seconds + 3599,
        appid: appId,
        idtyp: "app",
        roles,
        tid: tenantId,
        ver: "1.0",
      };
      const text = `${encode({ typ: "JWT", alg: "HS256", kid: "sandbox" })}.${encode(claims)}`;
      return `${text}.${sign(text).toString("base64url")}`;
    },

    verify(authorization: string | undefined, audience: Audience): Claims | undefined {
      const [, token = ""] = /^Bearer (.+)$/.exec(authorization ?? "") ?? [];
      const [header, payload, signature] = token.split(".");
      if (!header || !payload || !signature) return undefined;
      const expected = sign(`${header}.${payload}`);
      const given = Buffer.from(signature, "base64url");
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const claims = Claims.parse(JSON.parse(Buffer.from(payload, "base64url").toString()));
      return claims.aud === audience && claims.exp * 1000 > clock() ? claims : undefined;
    },
  };
}
