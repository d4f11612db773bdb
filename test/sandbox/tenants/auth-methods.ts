import type {
  Fido2AuthenticationMethod,
  MicrosoftAuthenticatorAuthenticationMethod,
  PasswordAuthenticationMethod,
  PhoneAuthenticationMethod,
  WindowsHelloForBusinessAuthenticationMethod,
} from "@microsoft/microsoft-graph-types";
import { guid, plainTime } from "./tenant.ts";

/** The types leave out that v1.0 has had `createdDateTime` on every method since 2025. */
export type AuthMethod = { "@odata.type": string; id: string; createdDateTime: string | null } & (
  | PasswordAuthenticationMethod
  | PhoneAuthenticationMethod
  | MicrosoftAuthenticatorAuthenticationMethod
  | WindowsHelloForBusinessAuthenticationMethod
  | Fido2AuthenticationMethod
);

/** Every account has it, under the same id. @see https://learn.microsoft.com/graph/api/resources/passwordauthenticationmethod */
export function passwordMethod(atMs: number): AuthMethod {
  return {
    "@odata.type": "#microsoft.graph.passwordAuthenticationMethod",
    id: "28c10230-6103-485e-b985-444c60001490",
    password: null,
    createdDateTime: plainTime(atMs),
  };
}

export function authenticator(upn: string, displayName: string, atMs: number): AuthMethod {
  return {
    "@odata.type": "#microsoft.graph.microsoftAuthenticatorAuthenticationMethod",
    id: guid(`authenticator ${upn} ${displayName}`),
    displayName,
    deviceTag: "SoftwareTokenActivated",
    phoneAppVersion: "6.8.12",
    createdDateTime: plainTime(atMs),
  };
}

/** Phones came long before methods had dates. */
export function phone(phoneNumber: string): AuthMethod {
  return {
    "@odata.type": "#microsoft.graph.phoneAuthenticationMethod",
    id: "3179e48a-750b-4051-897c-87b9720928f7",
    phoneNumber,
    phoneType: "mobile",
    smsSignInState: "notAllowedByPolicy",
    createdDateTime: null,
  };
}

export function windowsHello(upn: string, displayName: string, atMs: number): AuthMethod {
  return {
    "@odata.type": "#microsoft.graph.windowsHelloForBusinessAuthenticationMethod",
    id: guid(`hello ${upn} ${displayName}`),
    displayName,
    keyStrength: "normal",
    createdDateTime: plainTime(atMs),
  };
}
