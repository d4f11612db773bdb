/**
 * Delegated permissions by what a stranger could do with them.
 * @see https://learn.microsoft.com/en-us/security/operations/incident-response-playbook-app-consent
 */

/** Changes or sends something, or acts as the user. */
const WRITES =
  /(^|\.)(ReadWrite|Send|Manage|ManageCreds|FullControl|AccessAsUser|Write)(\.|$)|^user_impersonation$/i;
/** Shows mail, files, contacts or settings of people. `Mail.ReadBasic` leaves out what a mail says. */
const READS =
  /^(Mail\.Read(\.|$)|Contacts\.|MailboxSettings\.|People\.|Files\.|Notes\.|Sites\.|Chat\.|EWS\.|IMAP\.|POP\.|SMTP\.)/i;

export function parseScopes(scope: string): string[] {
  return [...new Set(scope.split(/\s+/).filter((name) => name !== ""))];
}

export function writesIn(scopes: readonly string[]): string[] {
  return scopes.filter((name) => WRITES.test(name));
}

export function readsIn(scopes: readonly string[]): string[] {
  return scopes.filter((name) => READS.test(name) && !WRITES.test(name));
}

/** Goes on when the user is away, and after a new password. */
export function worksOffline(scopes: readonly string[]): boolean {
  return scopes.some((name) => name.toLowerCase() === "offline_access");
}
