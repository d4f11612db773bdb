import { describe, expect, test } from "vitest";
import type { Evidence } from "../../../../worker/findings/evidence.ts";
import type { Window } from "../../../../worker/findings/finding.ts";
import type { Finding, Severity } from "../../../../worker/findings/findings.ts";
import {
  KIT_APPS,
  LEGACY_CLIENTS,
  STOPPED_AFTER_PASSWORD,
} from "../../../../worker/findings/indicators/sign-in-facts.ts";
import { deviceCode } from "../../../../worker/findings/rules/device-code.ts";
import { foreignFailures } from "../../../../worker/findings/rules/foreign-failures.ts";
import { foreignSignIn } from "../../../../worker/findings/rules/foreign-sign-in.ts";
import { impossibleTravel } from "../../../../worker/findings/rules/impossible-travel.ts";
import { legacyClient } from "../../../../worker/findings/rules/legacy-client.ts";
import { mfaFatigue } from "../../../../worker/findings/rules/mfa-fatigue.ts";
import { passwordGuessing } from "../../../../worker/findings/rules/password-guessing.ts";
import { phishingKit } from "../../../../worker/findings/rules/phishing-kit.ts";
import { riskySignIn } from "../../../../worker/findings/rules/risky-sign-in.ts";
import { stoppedAfterPassword } from "../../../../worker/findings/rules/stopped-after-password.ts";
import type { SignIn } from "../../../../worker/findings/sign-in.ts";
import { event } from "./evidence-parts.ts";
import { abroad, atHome, evidenceOf, failed, MINUTE, repeated, WINDOW } from "./sign-ins.ts";

type SignInRule = (evidence: Evidence, window: Window) => Finding[];
type Row = [title: string, signIns: SignIn[], severities: Severity[], change?: Partial<Evidence>];

const at = (signIn: SignIn, minutesLater: number, change: Partial<SignIn> = {}): SignIn => ({
  ...signIn,
  at: (signIn.at ?? 0) + minutesLater * MINUTE,
  ...change,
});
const soonAfterHome = at(atHome, 40, { ...abroad, at: (atHome.at ?? 0) + 40 * MINUTE });
const kit: SignIn = { ...abroad, userAgent: "axios/1.7.9", appId: "4765445b-32c6-49b0-83e6-1d93765276ca" };
const tablet = { managedDevice: false, deviceId: "tablet" };

describe.for<[name: string, SignInRule, Row[]]>([
  [
    "a foreign sign-in",
    foreignSignIn,
    [
      ["with a second factor from an unknown device is medium", [atHome, abroad], ["medium"]],
      ["with a password alone is high", [atHome, { ...abroad, factors: "single" }], ["high"]],
      [
        "from an unknown device is high if nothing tells of a second factor",
        [{ ...abroad, factors: "unknown" }],
        ["high"],
      ],
      ["by a legacy client is high", [{ ...abroad, clientApp: "IMAP4" }], ["high"]],
      [
        "from two countries is a finding for each",
        [abroad, { ...abroad, country: "VN" }],
        ["medium", "medium"],
      ],
      ["is rated by the worst of a country", [abroad, { ...abroad, factors: "single" }], ["high"]],
      ["on a managed computer with a second factor is info", [{ ...abroad, managedDevice: true }], ["info"]],
      [
        "on a device also used at home is low",
        [
          { ...atHome, ...tablet },
          { ...abroad, ...tablet },
        ],
        ["low"],
      ],
      [
        "on a registered device is low if the whole log holds no registration: a long holiday",
        [{ ...abroad, ...tablet }],
        ["low"],
        { auditsSeen: true },
      ],
      [
        "on a registered device is medium if one was registered lately",
        [{ ...abroad, ...tablet }],
        ["medium"],
        { auditsSeen: true, audits: [event("device-registered")] },
      ],
      [
        "on a device also used at home is low with a single factor, too",
        [
          { ...atHome, ...tablet },
          { ...abroad, ...tablet, factors: "single" },
        ],
        ["low"],
      ],
      [
        "that renews a token on an unknown device is medium: no password was asked for",
        [{ ...abroad, interactive: false, factors: "single" }],
        ["medium"],
      ],
      [
        "that renews a token on a managed computer is info",
        [{ ...abroad, interactive: false, factors: "single", managedDevice: true }],
        ["info"],
      ],
      ["on a registered device is medium without the log", [{ ...abroad, ...tablet }], ["medium"]],
      ["is none at home", [atHome], []],
      ["is none if it failed", [failed(abroad, 50126)], []],
      ["is none if its country is unknown", [{ ...abroad, country: undefined }], []],
      ["is none if home is unknown", [abroad], [], { home: undefined }],
    ],
  ],
  [
    "impossible travel",
    impossibleTravel,
    [
      ["is high", [atHome, soonAfterHome], ["high"]],
      ["back and forth is one finding", [atHome, soonAfterHome, at(atHome, 80)], ["high"]],
      ["is none with time for a flight", [atHome, at(soonAfterHome, 20 * 60)], []],
      ["is none if one of the two failed", [atHome, failed(soonAfterHome, 50126)], []],
      ["is none within a country: a VPN does that", [atHome, { ...soonAfterHome, country: "US" }], []],
      [
        "is none nearby: networks jitter",
        [atHome, { ...soonAfterHome, country: "CA", coordinates: { latitude: 49.28, longitude: -123.12 } }],
        [],
      ],
      ["is none on one registered device", [atHome, { ...soonAfterHome, deviceId: "laptop" }], []],
      ["is none between managed computers", [atHome, { ...soonAfterHome, managedDevice: true }], []],
      [
        "is none between a computer at home and the user's telephone behind a VPN",
        [{ ...atHome, ...tablet, at: (atHome.at ?? 0) - MINUTE }, atHome, { ...soonAfterHome, ...tablet }],
        [],
      ],
      ["is none without coordinates", [atHome, { ...soonAfterHome, coordinates: undefined }], []],
      ["is none without times", [atHome, { ...soonAfterHome, at: undefined }], []],
      ["is none for refreshes in the background", [atHome, { ...soonAfterHome, interactive: false }], []],
    ],
  ],
  [
    "a right password that was stopped",
    stoppedAfterPassword,
    [
      ...[...STOPPED_AFTER_PASSWORD].map(
        (code): Row => [`abroad with ${code} is medium`, [failed(abroad, code)], ["medium"]],
      ),
      ["at home is none", [failed(atHome, 50076)], []],
      ["is none if the second factor came a minute later", [failed(abroad, 50074), at(abroad, 1)], []],
      ["is medium if only somebody at home came in", [failed(abroad, 50074), at(atHome, 541)], ["medium"]],
      [
        "is none on a device that is also used at home",
        [{ ...atHome, ...tablet }, failed({ ...abroad, ...tablet }, 53003)],
        [],
      ],
      ["is none on a managed computer", [failed({ ...abroad, managedDevice: true }, 53003)], []],
      ["is none for a wrong password", [failed(abroad, 50126)], []],
    ],
  ],
  [
    "failures abroad",
    foreignFailures,
    [
      ["are info", [failed(abroad, 50126), failed(abroad, 50053)], ["info"]],
      ["at home are none", [failed(atHome, 50126)], []],
      ["with the right password are another rule's", [failed(abroad, 50076)], []],
    ],
  ],
  [
    "password guessing",
    passwordGuessing,
    [
      ["that got in is high", [...repeated(failed(abroad, 50126), 10), at(abroad, 5)], ["high"]],
      ["that did not is low", repeated(failed(abroad, 50126), 10), ["low"]],
      ["with a lockout is low", [failed(abroad, 50053)], ["low"]],
      [
        "before a success from elsewhere is low",
        [...repeated(failed(abroad, 50126), 10), at(atHome, 545)],
        ["low"],
      ],
      [
        "at the office, then the owner, is low",
        [...repeated(failed(atHome, 50126), 12), at(atHome, 5)],
        ["low"],
      ],
      ["a few at home is none", [...repeated(failed(atHome, 50126), 4), at(atHome, 5)], []],
    ],
  ],
  [
    "refused MFA requests",
    mfaFatigue,
    [
      [
        "until one abroad was accepted are high",
        [...repeated(failed(abroad, 500121), 3), at(abroad, 2)],
        ["high"],
      ],
      ["abroad are medium", repeated(failed(abroad, 500121), 3), ["medium"]],
      ["at home are low", [...repeated(failed(atHome, 500121), 4), at(atHome, 2)], ["low"]],
      ["twice are none", repeated(failed(abroad, 500121), 2), []],
      ["over days are none", [0, 1, 2].map((day) => at(failed(abroad, 500121), -day * 1440)), []],
    ],
  ],
  [
    "a legacy client",
    legacyClient,
    [
      ...LEGACY_CLIENTS.map(
        (clientApp): Row => [`${clientApp} is low at home`, [{ ...atHome, clientApp }], ["low"]],
      ),
      ["abroad is foreign-sign-in's", [{ ...abroad, clientApp: "IMAP4" }], []],
      ["that failed is none", [failed({ ...atHome, clientApp: "IMAP4" }, 50126)], []],
      ["is not the browser", [atHome, { ...atHome, clientApp: "Mobile Apps and Desktop clients" }], []],
    ],
  ],
  [
    "a device code",
    deviceCode,
    [
      ["abroad is high", [atHome, { ...abroad, protocol: "deviceCode" }], ["high"]],
      [
        "at home is low, even from an address not seen otherwise",
        [atHome, { ...atHome, ip: "192.0.2.1", protocol: "deviceCode" }],
        ["low"],
      ],
      [
        "abroad on a managed computer is low",
        [atHome, { ...abroad, managedDevice: true, protocol: "deviceCode" }],
        ["low"],
      ],
      ["ROPC counts alike", [atHome, { ...abroad, protocol: "ropc" }], ["high"]],
      ["that failed is none", [failed({ ...abroad, protocol: "deviceCode" }, 50126)], []],
      ["is no other protocol", [{ ...abroad, protocol: "oAuth2" }], []],
    ],
  ],
  [
    "a phishing kit",
    phishingKit,
    [
      ...["node", "axios/1.7.9", "undici", "node-fetch/1.0"].flatMap((userAgent) =>
        [...KIT_APPS.keys()].map(
          (appId): Row => [
            `${userAgent} at ${appId} is critical`,
            [{ ...kit, userAgent, appId }],
            ["critical"],
          ],
        ),
      ),
      [
        "from home is critical too: kits rent addresses near the victim",
        [{ ...kit, country: "US" }],
        ["critical"],
      ],
      ["stopped by MFA is medium", [failed(kit, 50074)], ["medium"]],
      ["with a wrong password is low", [failed(kit, 50126)], ["low"]],
      ["is low at another app: people write scripts", [{ ...kit, appId: "x" }], ["low"]],
      ["is no browser", [{ ...kit, userAgent: "Mozilla/5.0 (X11) Chrome/131" }], []],
      ["is no program that has node in its name", [{ ...kit, userAgent: "MyNodeApp/1.0" }], []],
      ["is none without a user agent", [{ ...kit, userAgent: undefined }], []],
    ],
  ],
  [
    "Microsoft's rating",
    riskySignIn,
    [
      ["confirmed compromised is critical", [{ ...atHome, riskState: "confirmedCompromised" }], ["critical"]],
      ["a success at high risk is high", [{ ...atHome, riskLevel: "high", riskState: "atRisk" }], ["high"]],
      ["dismissed is none", [{ ...atHome, riskLevel: "high", riskState: "dismissed" }], []],
      ["a failure at high risk is none", [failed({ ...atHome, riskLevel: "high" }, 50126)], []],
      ["hidden is none, and a gap elsewhere", [{ ...atHome, riskLevel: "hidden" }], []],
      [
        "a value that did not exist yesterday is none",
        [{ ...atHome, riskLevel: "extreme", riskState: "new" }],
        [],
      ],
    ],
  ],
])("%s", ([, rule, rows]) => {
  test.for(rows)("%s", ([, signIns, severities, change]) => {
    expect(rule(evidenceOf(signIns, change), WINDOW).map(({ severity }) => severity)).toEqual(severities);
  });
});

test("a finding names place, address and usage location", () => {
  const [finding] = foreignSignIn(evidenceOf([abroad]), WINDOW);
  expect(finding?.why).toBe(
    "Signed in once from Lagos, Nigeria (198.51.100.7) with a second factor, from an unknown device; the account's usage location is United States.",
  );
});

test("a finding is dated by its first sign-in, and says whether that lies in the window", () => {
  const long = { ...abroad, at: WINDOW.start - MINUTE };
  const [before] = foreignSignIn(evidenceOf([long]), WINDOW);
  const [both] = foreignSignIn(evidenceOf([long, abroad]), WINDOW);
  expect([before?.in_window, both?.in_window]).toEqual([false, true]);
  expect(both?.first_seen).toBe(new Date(long.at).toISOString());
});

test("thousands of sign-ins are counted and not all listed", () => {
  const [finding] = passwordGuessing(evidenceOf(repeated(failed(abroad, 50126), 3000)), WINDOW);
  expect(finding?.why).toContain("3000 times");
  expect(finding?.evidence).toHaveLength(20);
});
