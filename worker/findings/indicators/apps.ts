/**
 * Apps by their ids, since a name is whatever its author typed.
 */

/** Tenants that Microsoft's own apps belong to. https://learn.microsoft.com/en-us/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in */
export const MICROSOFT_TENANTS: ReadonlySet<string> = new Set([
  "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
  "72f988bf-86f1-41af-91ab-2d7cd011db47",
]);

interface AbusedApp {
  appId: string;
  name: string;
  /** "rarely": seldom anything else in an office. "often": a good product that attackers use as well. */
  honest: "rarely" | "often";
}

/**
 * Apps that attackers make their victims consent to, to copy mailboxes and files or to send. Ids are facts from:
 * @see https://github.com/huntresslabs/rogueapps (public/rogueapps.json, read 2026-11-25)
 * @see https://github.com/randomaccess3/detections (M365_Oauth_Apps, read 2026-11-25)
 * @see https://www.huntress.com/blog/legitimate-apps-as-traitorware-for-persistent-microsoft-365-compromise
 */
export const ABUSED_APPS: readonly AbusedApp[] = [
  { appId: "ff8d92dc-3d82-41d6-bcbd-b9174d163620", name: "PerfectData Software", honest: "rarely" },
  {
    appId: "a245e8c0-b53c-4b67-9b45-751d1dff8e6b",
    name: "Newsletter Software Supermailer",
    honest: "rarely",
  },
  { appId: "b15665d9-eda6-4092-8539-0eec376afd59", name: "rclone", honest: "rarely" },
  { appId: "4761b959-9780-4c2d-87a3-512b4638f767", name: "rclone", honest: "rarely" },
  { appId: "2ef68ccc-8a4d-42ff-ae88-2d7bb89ad139", name: "Mail_Backup", honest: "rarely" },
  { appId: "caffae8c-0882-4c81-9a27-d1803af53a40", name: "SigParser", honest: "often" },
  { appId: "e9a7fea1-1cc0-4cd9-a31b-9137ca5deedd", name: "eM Client", honest: "often" },
  { appId: "77468577-4f6e-40e7-b745-11d3d0c28095", name: "Fastmail", honest: "often" },
  { appId: "a43e5392-f48b-46a4-a0f1-098b5eeb4757", name: "CloudSponge", honest: "often" },
  { appId: "858d7e42-35f0-44b7-9033-df309239a47f", name: "Zoominfo Login", honest: "often" },
];

/**
 * Delegated permissions by which an app changes, sends or steals in the user's name.
 * @see https://learn.microsoft.com/en-us/security/operations/incident-response-playbook-app-consent
 */
export const WRITE_SCOPES: readonly RegExp[] = [
  /^Mail\.(Send|ReadWrite)(\.Shared|\.All)?$/i,
  /^MailboxSettings\.ReadWrite$/i,
  /^(Files|Sites|Notes|Contacts|People)\.(ReadWrite|Manage|FullControl)(\.\w+)*$/i,
  /^EWS\.AccessAsUser\.All$/i,
  /^(IMAP|POP|SMTP)\.(AccessAsUser\.All|Send)$/i,
  /^Directory\.(AccessAsUser\.All|ReadWrite\.All)$/i,
  /^(Application|Group|User|RoleManagement|AppRoleAssignment|Domain)\.(ReadWrite|ManageCreds)(\.\w+)*$/i,
];

/** Permissions by which an app reads what people write. */
export const CONTENT_SCOPES: readonly RegExp[] = [
  /^Mail\.Read(\.Shared|\.All)?$/i,
  /^(Files|Sites|Notes)\.Read(\.All)?$/i,
  /^(Chat|ChannelMessage)\.Read(\.All)?$/i,
];

export function isFarReaching(scope: string): boolean {
  return [...WRITE_SCOPES, ...CONTENT_SCOPES].some((pattern) => pattern.test(scope));
}
