/** Scripts keep access tokens beside their artifacts. None may get into a case, a zip or a model. */
export function looksLikeTokenFile(name: string): boolean {
  const base = name.slice(name.lastIndexOf("/") + 1);
  return TOKEN_FILE.test(base);
}

const TOKEN_FILE = /(^|[._-])tokens?([._-]|$)|token[._-]?cache|msal|cookie|\.(jwt|pem|pfx|p12|key)$|^\.env/i;

// The head and the body of a JWT are JSON objects, so both begin with `{"`, which is eyJ in base64. The look-behind
// gives each run of such characters one start, so that no text takes quadratic time.
// https://www.rfc-editor.org/rfc/rfc7519#section-3.1
const JWT = /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/;
// "accessToken" is not among them: sign-in records have fields with names like it, such as incomingTokenType.
const SECRET_FIELD =
  /"(access_token|refresh_token|id_token|client_secret|secretText)"\s{0,9}:\s{0,9}"[^"]{8}/i;
// A field whose name promises one and whose value is one. Attackers choose values, and in a string their quotation marks are escaped.
const TOKEN_FIELD = /"\w{0,40}(token|secret|auth)\w{0,40}"\s{0,9}:\s{0,9}"(Bearer )?eyJ[\w-]{8,}\./i;
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-/;

// As much as a token may be long, so that one which lies across two pieces is found.
const OVERLAP = 16_384;

/**
 * What was found so far, the worst of it: `secret` is a file that exists to hold one, `look-alike` something that looks like a token
 * or a key and may just as well be the name of an inbox rule.
 */
export type Suspicion = "none" | "look-alike" | "secret";

/** Looks through a file that comes in pieces. */
export function createTokenScanner(): { scan(chunk: Uint8Array): Suspicion } {
  let end = "";
  let suspicion: Suspicion = "none";
  return {
    scan(chunk) {
      // Without NULs, for the UTF-16 that PowerShell writes.
      const text = end + Buffer.from(chunk).toString("latin1").replaceAll("\0", "");
      end = text.slice(-OVERLAP);
      if (SECRET_FIELD.test(text) || TOKEN_FIELD.test(text)) suspicion = "secret";
      else if (suspicion === "none" && (JWT.test(text) || PRIVATE_KEY.test(text))) suspicion = "look-alike";
      return suspicion;
    },
  };
}

// To the end of the JSON string that it stands in, or of the file: of a key nothing may stay.
const KEY_AND_REST = new RegExp(`(?:${PRIVATE_KEY.source})[^"]*`, "g");
const JWTS = new RegExp(JWT.source, "g");

/**
 * A JSON file without what looks like a token or a key in its strings, and otherwise byte for byte the same. Whoever writes to a
 * mailbox can put a look-alike into a subject or a name, and evidence that disappears for it would be theirs to remove.
 * @returns `undefined` for what is no JSON in UTF-8: in other encodings nothing would be found.
 */
export function withoutLookAlikes(content: Buffer): Buffer | undefined {
  const text = content.toString("latin1");
  const first = /^(\xEF\xBB\xBF)?\s*[[{]/.test(text);
  if (!first || text.includes("\0")) return undefined;
  return Buffer.from(text.replace(JWTS, REMOVED).replace(KEY_AND_REST, REMOVED), "latin1");
}
const REMOVED = "(removed: looks like a token)";
