import { expect, test } from "vitest";
import type { Timeline } from "../../../../worker/findings/findings.ts";
import { AWAY, at, audit, failed, HOUR, signIn, spray, sweep } from "./tenant-parts.ts";

test("a spray that got in, and what was done then, are one story in the order in which it happened", () => {
  const signIns = [
    ...spray(25),
    ...spray(25, { createdDateTime: at(4 * HOUR) }),
    signIn("victim3", { ...AWAY, authenticationRequirement: "singleFactorAuthentication" }),
  ];
  const audits = [audit("Add member to role", "victim3", { activityDateTime: at(HOUR) })];
  expect(marks(sweep({ signIns, audits }).timeline, "info")).toEqual([
    "05:00 ago, failed_sign_ins, critical: Passwords tried 50 times from 192.0.2.150, Vietnam",
    "04:00 ago, failed_sign_ins, critical: Passwords tried 50 times from 192.0.2.150, Vietnam",
    expect.stringMatching(/^02:00 ago, sign_ins, \w+: victim3@contoso\.com from Vietnam, once$/),
    expect.stringMatching(/^01:00 ago, directory_changes, \w+: Add member to role by victim3@contoso\.com$/),
  ]);
});

test("a second factor that was refused is drawn each time", () => {
  const ago = [60, 70, 80].map((minutes) => at((minutes * HOUR) / 60));
  const signIns = ago.map((createdDateTime) =>
    signIn("victim", { ...AWAY, createdDateTime, ...failed(500121) }),
  );
  const refusals = marks(sweep({ signIns }).timeline, "info").filter((mark) =>
    mark.includes("Second factor"),
  );
  expect(refusals).toEqual(
    ["01:20", "01:10", "01:00"].map(
      (time) =>
        `${time} ago, failed_sign_ins, medium: Second factor of victim@contoso.com refused, asked for from 192.0.2.150`,
    ),
  );
});

test("a change of a policy is drawn, and what no rule looks at is not", () => {
  const audits = [audit("Delete conditional access policy", "admin"), audit("Update device", "admin")];
  expect(marks(sweep({ audits }).timeline, "low")).toEqual([
    "24:00 ago, directory_changes, medium: Delete conditional access policy by admin@contoso.com",
  ]);
});

test("ordinary sign-ins at home are no events, and the timeline says so", () => {
  const { timeline } = sweep({});
  expect(timeline?.events).toEqual([]);
  expect(timeline?.note).toMatch(/ordinary ones at home are not drawn/);
});

/** Those above `severity`. */
function marks(timeline: Timeline | undefined, severity: string): string[] {
  const end = Date.parse(at(0));
  return (timeline?.events ?? [])
    .filter((event) => event.severity !== severity)
    .map((event) => {
      const minutes = (end - Date.parse(event.at)) / 60_000;
      const clock = [Math.floor(minutes / 60), minutes % 60]
        .map((part) => String(part).padStart(2, "0"))
        .join(":");
      return `${clock} ago, ${event.lane}, ${event.severity}: ${event.label}`;
    });
}
