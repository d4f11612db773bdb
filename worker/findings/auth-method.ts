import { z } from "zod";
import { text, time } from "./lenient.ts";
import type { EvidenceRecord, Source } from "./recognise.ts";

/** A way to prove who one is, beside the password. */
export interface AuthMethod {
  id: string;
  /** Graph's type without its ending, such as "phone" or "microsoftAuthenticator"; "unknown" if it isn't told. */
  type: string;
  /** A device's name or a telephone number. */
  label: string | undefined;
  /** When it was registered; Graph leaves it out of some types. */
  createdAt: number | undefined;
  source: Source;
}

/** @see https://learn.microsoft.com/en-us/graph/api/resources/authenticationmethods-overview */
const Method = z.object({
  "@odata.type": text,
  "odata.type": text,
  odataType: text,
  id: text,
  displayName: text,
  phoneNumber: text,
  emailAddress: text,
  createdDateTime: time,
  creationDateTime: time,
});

/** `undefined` for the password, which is no second factor. */
export function toAuthMethod({ value, source }: EvidenceRecord): AuthMethod | undefined {
  const method = Method.parse(value);
  const type =
    (method["@odata.type"] ?? method["odata.type"] ?? method.odataType)
      ?.replace(/^#?microsoft\.graph\./, "")
      .replace(/AuthenticationMethod$/, "") ?? typeByKeys(value);
  if (type === "password" || method.id === PASSWORD_METHOD) return undefined;
  return {
    id: method.id ?? `${source.artifact} ${source.path}`,
    type,
    label: method.displayName ?? method.phoneNumber ?? method.emailAddress,
    createdAt: method.createdDateTime ?? method.creationDateTime,
    source,
  };
}
/** It has this id in every tenant. https://learn.microsoft.com/en-us/graph/api/resources/passwordauthenticationmethod */
const PASSWORD_METHOD = "28c10230-6103-485e-b985-444c60001490";

function typeByKeys(value: EvidenceRecord["value"]): string {
  const has = (key: string) => Object.hasOwn(value, key);
  if (has("phoneNumber")) return "phone";
  if (has("aaGuid")) return "fido2";
  if (has("isUsableOnce")) return "temporaryAccessPass";
  if (has("phoneAppVersion") || has("deviceTag")) return "microsoftAuthenticator";
  return "unknown";
}
