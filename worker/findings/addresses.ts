/** A forwarding target: a mail address, or a name in the customer's own directory that stands for one. */
export type Recipient = { kind: "address"; address: string } | { kind: "directory-entry"; name: string };

/**
 * One recipient as Graph (`adele@contoso.com`) or Exchange (`"Adele" [SMTP:adele@contoso.com]`,
 * `smtp:adele@contoso.com`, `"Adele" [EX:/o=ExchangeLabs/…]`) writes it. Several in one string stand apart by ";".
 */
export function parseRecipients(text: string): Recipient[] {
  return text
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => {
      const bracketed = /\[(\w+):([^\]]*)\]\s*$/.exec(part);
      // A directory entry may be a contact that stands for an address outside; Exchange doesn't say here.
      if (bracketed?.[1]?.toUpperCase() === "EX") return { kind: "directory-entry", name: part };
      const address = bracketed?.[2] ?? /<([^<>]*)>\s*$/.exec(part)?.[1] ?? part;
      return { kind: "address", address: address.replace(/^smtp:/i, "").trim() };
    });
}

/**
 * Whether mail to an address leaves the tenant. Sub-domains of a verified domain belong to it; what can't be read as
 * an address is outside, since an attacker would otherwise only have to misspell it.
 * @param domains - The tenant's verified domains, in lower case.
 */
export function isOutside(address: string, domains: readonly string[]): boolean {
  const host = /^[^\s@<>"]+@([^\s@<>"]+?)\.?$/.exec(address)?.[1]?.toLowerCase();
  if (host === undefined) return true;
  return !domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}
