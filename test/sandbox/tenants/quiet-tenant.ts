import { app, change, roleAssignment, tenantGrant } from "./activity.ts";
import {
  AMSTERDAM,
  BAD_PASSWORD,
  type BetaSignIn,
  HANOI,
  LOCKED,
  MFA_BY_CLAIM,
  MFA_DONE,
  managedLaptop,
  SAO_PAULO,
  SEATTLE,
  signIn,
  TORONTO,
  UNKNOWN_LINUX,
} from "./sign-in.ts";
import { type Account, account, memberUser, plainTime } from "./tenant.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const PEOPLE = 400;

/**
 * A day of four hundred ordinary people: passwords that are mistyped after the weekend, trips with a second factor, phones
 * that renew sessions, an old scanner on SMTP, a developer's command line, spray noise from three continents, guests, a
 * consent to an app of a verified publisher, an admin's usual changes.
 */
export function quietTenant(now: number) {
  const people = Array.from({ length: PEOPLE }, (_, index) =>
    account(`person${index}@quiet.example`, `Person ${index}`),
  );
  const admin = account("admin@quiet.example", "Administrator");
  const signing = app("quiet", "Contract Signing", { publisher: "verified", createdMs: now - 2 * DAY });
  const old = app("quiet", "Time Sheets", { publisher: "unverified", createdMs: now - 1_100 * DAY });
  const teams = app("quiet", "Microsoft Teams", { publisher: "microsoft", createdMs: now - 1_400 * DAY });
  return {
    people,
    organization: [{ id: "quiet", countryLetterCode: "US", verifiedDomains: [] }],
    signIns: [
      ...people.flatMap((who, index) => dayOf(who, index, now)),
      ...noise(now),
      ...oddities(people, now),
    ],
    directoryAudits: [
      ...[3, 40, 77].map((index) =>
        change({
          atMs: now - index * HOUR,
          activity: "Invite external user",
          by: { account: people[index] ?? admin, ip: "203.0.113.10" },
          targets: [{ id: "", type: "User", name: `UPN: partner${index}_supplier.example#EXT#` }],
          details: { invitedUserEmailAddress: `partner${index}@supplier.example` },
        }),
      ),
      change({
        atMs: now - 2 * DAY,
        activity: "Consent to application",
        by: { account: admin, ip: "203.0.113.10" },
        targets: [{ id: signing.id, type: "ServicePrincipal", name: "Contract Signing" }],
        changed: {
          "ConsentContext.IsAdminConsent": "True",
          "ConsentContext.OnBehalfOfAll": "True",
          "ConsentAction.Permissions":
            "[] => [[Id: 1, ConsentType: AllPrincipals, Scope:  Files.ReadWrite.All Mail.Read offline_access, CreatedDateTime: ]]",
        },
      }),
      change({
        atMs: now - 3 * DAY,
        activity: "Update conditional access policy",
        by: { account: admin, ip: "203.0.113.10" },
        targets: [{ id: "", type: "Policy", name: "Require MFA" }],
      }),
      change({
        atMs: now - 30 * HOUR - 2_000,
        activity: "Add member to role completed (PIM activation)",
        by: { account: admin, ip: "203.0.113.10" },
        targets: [{ id: admin.id, type: "User", name: admin.upn }],
      }),
      change({
        atMs: now - 30 * HOUR,
        activity: "Add member to role",
        by: { app: "MS-PIM" },
        targets: [{ id: admin.id, type: "User", name: admin.upn }],
        changed: { "Role.DisplayName": "Global Administrator" },
      }),
      change({
        atMs: now - 50 * HOUR,
        activity: "Add service principal credentials",
        by: { account: admin, ip: "203.0.113.10" },
        targets: [{ id: old.id, type: "ServicePrincipal", name: "Time Sheets" }],
      }),
    ],
    grants: [
      tenantGrant(signing, "Files.ReadWrite.All Mail.Read offline_access"),
      tenantGrant(old, "Calendars.ReadWrite User.Read offline_access"),
      tenantGrant(teams, "Mail.ReadWrite"),
    ],
    servicePrincipals: [signing, old, teams],
    riskyUsers: [],
    roleAssignments: [roleAssignment("Global Administrator", admin)],
    users: people
      .slice(0, 2)
      .map((who) => memberUser(now, who, { createdDateTime: plainTime(now - 3 * DAY) })),
  };
}

/** In the office or at home, by laptop and phone; now and then a password is mistyped. */
function dayOf(who: Account, index: number, now: number): BetaSignIn[] {
  const device = managedLaptop(`QUIET-${index}`);
  const phone = { ...UNKNOWN_LINUX, operatingSystem: "Ios 18.1", browser: "Mobile Safari" };
  const office = { ip: "203.0.113.10", location: SEATTLE };
  const home = { ip: `198.51.100.${index % 250}`, location: SEATTLE };
  const morning = now - 9 * HOUR + (index % 90) * MINUTE;
  const mistyped = index % 12 === 0 ? [1, 2] : [];
  return [
    ...mistyped.map((minutes) =>
      signIn(who, { ...office, device, atMs: morning - minutes * MINUTE, status: BAD_PASSWORD }),
    ),
    signIn(who, { ...office, device, atMs: morning, status: MFA_BY_CLAIM }),
    signIn(who, {
      ...home,
      device: phone,
      atMs: now - 15 * HOUR,
      status: MFA_BY_CLAIM,
      app: "outlookMobile",
    }),
    ...[2, 5, 11].map((hours) =>
      signIn(who, {
        ...home,
        device: phone,
        atMs: now - hours * HOUR - index * 1000,
        status: MFA_BY_CLAIM,
        app: "outlookMobile",
        change: {
          isInteractive: false,
          signInEventTypes: ["nonInteractiveUser"],
          authenticationRequirement: "singleFactorAuthentication",
        },
      }),
    ),
  ];
}

/** From outside, against accounts that there are and that there are not. */
function noise(now: number): BetaSignIn[] {
  return [HANOI, SAO_PAULO, AMSTERDAM].flatMap((location, place) =>
    Array.from({ length: 200 }, (_, index) => {
      const name = index % 2 === 0 ? `person${index}` : `sales${index}`;
      return signIn(account(`${name}@quiet.example`, name), {
        atMs: now - 20 * HOUR + index * MINUTE,
        ip: `192.0.2.${place * 20 + (index % 15)}`,
        location,
        device: UNKNOWN_LINUX,
        status: index % 9 === 0 ? LOCKED : BAD_PASSWORD,
      });
    }),
  );
}

/** What one or two of them do. */
function oddities(people: readonly Account[], now: number): BetaSignIn[] {
  const who = (index: number) => people[index] ?? account("person0@quiet.example", "Person 0");
  const trip = (index: number, location: typeof TORONTO, minutesAgo: number, status = MFA_DONE) =>
    signIn(who(index), {
      atMs: now - minutesAgo * MINUTE,
      ip: `203.0.113.${100 + index}`,
      location,
      device: UNKNOWN_LINUX,
      status,
    });
  const asked = {
    errorCode: 50074,
    failureReason: "Strong Authentication is required.",
    additionalDetails: null,
  };
  return [
    // The prompt for the second factor, and then the second factor.
    trip(20, TORONTO, 300, asked),
    trip(20, TORONTO, 299),
    trip(21, AMSTERDAM, 200, asked),
    trip(21, AMSTERDAM, 199),
    // A scanner, and a developer's command line.
    signIn(who(30), {
      atMs: now - 4 * HOUR,
      ip: "203.0.113.10",
      location: SEATTLE,
      device: UNKNOWN_LINUX,
      status: { errorCode: 0 },
      change: { clientAppUsed: "Authenticated SMTP" },
    }),
    signIn(who(31), {
      atMs: now - 4 * HOUR,
      ip: "203.0.113.10",
      location: SEATTLE,
      device: UNKNOWN_LINUX,
      status: MFA_DONE,
      change: { authenticationProtocol: "deviceCode" },
    }),
    // A phone without reception.
    ...[10, 12, 15, 17].map((minutes) =>
      signIn(who(32), {
        atMs: now - minutes * MINUTE,
        ip: "203.0.113.10",
        location: SEATTLE,
        device: UNKNOWN_LINUX,
        status: { errorCode: 500121, failureReason: "Authentication failed.", additionalDetails: null },
      }),
    ),
  ];
}
