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
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----/;

// As much as a token may be long, so that one which lies across two pieces is found.
const OVERLAP = 16_384;

/** Looks through a file that comes in pieces. */
export function createTokenScanner(): { finds(chunk: Uint8Array): boolean } {
  let end = "";
  return {
    finds(chunk) {
      // Without NULs, for the UTF-16 that PowerShell writes.
      const text = end + Buffer.from(chunk).toString("latin1").replaceAll("\0", "");
      end = text.slice(-OVERLAP);
      return JWT.test(text) || SECRET_FIELD.test(text) || PRIVATE_KEY.test(text);
    },
  };
}
