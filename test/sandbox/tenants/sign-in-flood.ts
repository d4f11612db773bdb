import type { SignInSeries } from "../graph/series.ts";
import {
  BAD_PASSWORD,
  HANOI,
  MFA_BY_CLAIM,
  managedLaptop,
  SEATTLE,
  signIn,
  UNKNOWN_LINUX,
} from "./sign-in.ts";
import { account } from "./tenant.ts";

const USERS = 2_000;

/**
 * A day of sign-ins, newest first, in which an attacker does all to fill memory: every third is an attempt from an
 * address, on an account and by a user agent of its own; the others are people's, half of them renewals of sessions.
 */
export function signInFlood(now: number, length: number): SignInSeries {
  const laptop = managedLaptop("FLOOD-LT-001");
  const stepMs = 80_000_000 / length;
  return {
    length,
    row(index) {
      const atMs = now - index * stepMs - 60_000;
      if (index % 3 === 0) {
        const name = `nobody-${index}`;
        return signIn(account(`${name}@flood.example`, name), {
          atMs,
          ip: `2001:db8:${(index >> 16).toString(16)}:${(index & 0xffff).toString(16)}::1`,
          location: HANOI,
          device: UNKNOWN_LINUX,
          status: BAD_PASSWORD,
          change: { userAgent: `agent ${index} ${"x".repeat(500)}` },
        });
      }
      const name = `person${index % USERS}`;
      return signIn(account(`${name}@flood.example`, name), {
        atMs,
        ip: `10.${index % 200}.${index % 7}.9`,
        location: SEATTLE,
        device: laptop,
        status: MFA_BY_CLAIM,
        change: index % 3 === 1 ? {} : { isInteractive: false, signInEventTypes: ["nonInteractiveUser"] },
      });
    },
  };
}
