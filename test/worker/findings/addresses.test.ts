import { expect, test } from "vitest";
import { isOutside, parseRecipients } from "../../../worker/findings/addresses.ts";

test.for<[address: string, outside: boolean]>([
  ["adele@contoso.com", false],
  ["adele@CONTOSO.com", false],
  ["adele@mail.contoso.com", false],
  ["adele@contoso.com.", false],
  ["adele@notcontoso.com", true],
  ["adele@contoso.com.evil.example", true],
  ["adele@c\u043Entoso.com", true],
  ["adele@evil.example", true],
  ["a@b@contoso.com", true],
  ["adele", true],
  ["", true],
])("%j is outside of contoso.com: %s", ([address, outside]) => {
  expect(isOutside(address, ["contoso.com"])).toBe(outside);
});

test("without any domain everything is outside", () => {
  expect(isOutside("adele@contoso.com", [])).toBe(true);
});

test.for<[text: string, addresses: string[]]>([
  ["adele@contoso.com", ["adele@contoso.com"]],
  ["SMTP:adele@contoso.com", ["adele@contoso.com"]],
  ["a@b.c; smtp:d@e.f;", ["a@b.c", "d@e.f"]],
  ["Adele Vance <adele@contoso.com>", ["adele@contoso.com"]],
  ['"adele@contoso.com" [SMTP:eve@evil.example]', ["eve@evil.example"]],
])("%j holds the addresses %j", ([text, addresses]) => {
  expect(parseRecipients(text)).toEqual(addresses.map((address) => ({ kind: "address", address })));
});
