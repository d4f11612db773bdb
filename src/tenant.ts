import * as z from "zod";

/**
 * A tenant id. Lower-cased, because artifacts lie in a folder of that name.
 * @see https://learn.microsoft.com/entra/fundamentals/how-to-find-tenant
 */
export const Guid = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, "a tenant id");

/** A DNS name in ASCII: what homoglyphs, paths, URLs and shell characters are not. */
export const Domain = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, "a domain");

/**
 * A client's name as a technician types it, to be looked up and never to be passed on: letters, digits and what company
 * names hold. What has a dot and no blank was meant as a domain.
 */
const ClientName = z
  .string()
  .trim()
  .max(100)
  .regex(/^(?!\S*\.\S*$)[\p{L}\p{N}][\p{L}\p{M}\p{N} &'’.,()+_-]*$/u, "a client's name");

/** How a technician names a tenant. A name is looked up in ClaudeTools; what runs gets the tenant id that was found. */
export const TenantReference = z.union([Guid, Domain, ClientName]);

/**
 * A sign-in name. Guests look like `jane_fabrikam.com#EXT#@contoso.onmicrosoft.com`.
 * No leading `-` or `/`: it becomes an argument of a program, and Git Bash rewrites what begins with a slash.
 */
export const Upn = z
  .string()
  .trim()
  .regex(
    /^[A-Za-z0-9_][A-Za-z0-9._%+'-]{0,127}(#EXT#)?@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]$/i,
    "a sign-in name",
  )
  .max(255);
