/** What a field holds; a list of words is an enum, `text` is long, `to:x` is the id of a record of that router. */
type FieldType =
  | "string"
  | "text"
  | "integer"
  | "number"
  | "boolean"
  | "uuid"
  | "date"
  | "date-time"
  | "email"
  | readonly string[];

export interface Field {
  type: FieldType;
  required?: boolean;
  maxLength?: number;
  minimum?: number;
  /** Also a parameter of the list. */
  isFilter?: boolean;
  /** Sent by the API alone. */
  isReadOnly?: boolean;
}

export interface Router {
  name: string;
  /** `client` in `client_id`. */
  singular: string;
  /** Model in components/schemas: `Client` in `ClientCreate`. */
  model: string;
  /** FastAPI services grow over years: some lists are pages with a total, some are bare arrays. */
  list: "page" | "array";
  /** Declared with a slash at the end, as `@router.get("/")` below a prefix is. */
  hasTrailingSlash?: boolean;
  isReadOnly?: boolean;
  /** Takes PATCH beside PUT. */
  isPatchable?: boolean;
  /** Takes `search`: part of a name, in any case. */
  isSearchable?: boolean;
  fields: Readonly<Record<string, Field>>;
}

const name: Field = { type: "string", required: true, maxLength: 200 };
const notes: Field = { type: "text" };
const client: Field = { type: "integer", required: true, minimum: 1, isFilter: true };
const secret: Field = { type: "string", isReadOnly: true };
const created: Field = { type: "date-time", isReadOnly: true };
const times = { created_at: created, updated_at: created };

/** The routers of a service for managed service providers, with what their records hold beside `id`. */
export const ROUTERS: readonly Router[] = [
  {
    ...{ name: "clients", singular: "client", model: "Client", list: "page", isSearchable: true },
    fields: {
      name,
      code: { type: "string", maxLength: 12 },
      is_active: { type: "boolean", isFilter: true },
      primary_contact: { type: "string" },
      contact_email: { type: "email" },
      notes,
      ...times,
    },
  },
  {
    ...{ name: "sites", singular: "site", model: "Site", list: "page" },
    fields: { client_id: client, name, address: { type: "string" }, timezone: { type: "string" }, ...times },
  },
  {
    ...{ name: "machines", singular: "machine", model: "Machine", list: "page" },
    fields: { client_id: client, hostname: name, os: { type: "string" }, last_seen_at: created, ...times },
  },
  {
    ...{ name: "infrastructure", singular: "infrastructure", model: "Infrastructure", list: "page" },
    fields: {
      client_id: client,
      name,
      kind: { type: ["server", "switch", "firewall", "access-point", "nas"], required: true, isFilter: true },
      ip_address: { type: "string" },
      admin_password: secret,
      snmp_community: secret,
      ...times,
    },
  },
  {
    ...{ name: "services", singular: "service", model: "Service", list: "array" },
    fields: { client_id: client, name, url: { type: "string" }, connection_string: secret, ...times },
  },
  {
    ...{ name: "networks", singular: "network", model: "Network", list: "array" },
    fields: { client_id: client, name, cidr: { type: "string", required: true }, wifi_psk: secret, ...times },
  },
  {
    ...{ name: "firewall-rules", singular: "firewall_rule", model: "FirewallRule", list: "array" },
    fields: {
      client_id: client,
      name,
      action: { type: ["allow", "deny"], required: true },
      port: { type: "integer", minimum: 1 },
      ...times,
    },
  },
  {
    ...{ name: "projects", singular: "project", model: "Project", list: "page" },
    fields: {
      client_id: client,
      name,
      status: { type: ["planned", "active", "done"], isFilter: true },
      ...times,
    },
  },
  {
    ...{ name: "sessions", singular: "session", model: "Session", list: "page" },
    fields: {
      client_id: client,
      title: name,
      session_date: { type: "date", required: true },
      technician: { type: "string", isFilter: true },
      summary: notes,
      ...times,
    },
  },
  {
    ...{ name: "tasks", singular: "task", model: "Task", list: "page", isPatchable: true },
    fields: {
      client_id: client,
      title: name,
      status: { type: ["open", "in_progress", "blocked", "done"], isFilter: true },
      priority: { type: ["low", "normal", "high", "urgent"], isFilter: true },
      assigned_to: { type: "string", isFilter: true },
      due_date: { type: "date" },
      description: notes,
      ...times,
    },
  },
  {
    ...{ name: "work-items", singular: "work_item", model: "WorkItem", list: "page" },
    fields: {
      session_id: { type: "integer", required: true },
      title: name,
      minutes: { type: "integer" },
      ...times,
    },
  },
  {
    ...{ name: "billable-time", singular: "entry", model: "BillableTime", list: "page" },
    fields: {
      client_id: client,
      title: name,
      hours: { type: "number", required: true, minimum: 0 },
      is_invoiced: { type: "boolean", isFilter: true },
      ...times,
    },
  },
  {
    ...{ name: "tags", singular: "tag", model: "Tag", list: "array", hasTrailingSlash: true },
    fields: { name, color: { type: "string", maxLength: 7 } },
  },
  {
    ...{ name: "m365-tenants", singular: "tenant_pk", model: "M365Tenant", list: "page" },
    fields: {
      client_id: client,
      client_name: { type: "string", isReadOnly: true },
      tenant_id: { type: "uuid", required: true, isFilter: true },
      name,
      default_domain: { type: "string", required: true, isFilter: true },
      license: { type: "string" },
      cipp_api_token: secret,
      ...times,
    },
  },
  {
    ...{ name: "security-incidents", singular: "incident", model: "SecurityIncident", list: "page" },
    fields: {
      title: name,
      severity: { type: ["info", "low", "medium", "high", "critical"], required: true, isFilter: true },
      status: { type: ["open", "closed"], isFilter: true },
      client_id: { type: "integer", minimum: 1, isFilter: true },
      external_id: { type: "string", maxLength: 200, isFilter: true },
      description: notes,
      occurred_at: { type: "date-time" },
      ...times,
    },
  },
  {
    ...{ name: "credentials", singular: "credential", model: "Credential", list: "page" },
    fields: {
      client_id: client,
      client_name: { type: "string", isReadOnly: true },
      name,
      credential_type: {
        type: ["password", "api_key", "ssh_key", "oauth", "connection_string"],
        required: true,
      },
      service: { type: "string" },
      username: { type: "string" },
      password: { type: "string" },
      api_key: { type: "string" },
      ssh_private_key: { type: "text" },
      connection_string: { type: "string" },
      mfa_secret: { type: "string" },
      notes,
      ...times,
    },
  },
  {
    ...{ name: "users", singular: "user", model: "User", list: "array", isReadOnly: true },
    fields: {
      username: name,
      full_name: name,
      role: name,
      password_hash: secret,
      mfa_recovery_codes: secret,
      ...times,
    },
  },
  {
    ...{ name: "tokens", singular: "token", model: "ApiToken", list: "array", isReadOnly: true },
    fields: { name, token: secret, expires_at: created, ...times },
  },
  {
    ...{
      name: "discord-users",
      singular: "discord_user",
      model: "DiscordUser",
      list: "array",
      isReadOnly: true,
    },
    fields: {
      discord_id: { type: "string", isFilter: true },
      role: { type: ["admin", "tech", "none"] },
      claudetools_user: { type: "string" },
      ...times,
    },
  },
];

export function listPath({ name: router, hasTrailingSlash = false }: Router): string {
  return `/api/${router}${hasTrailingSlash ? "/" : ""}`;
}

export function idName({ singular }: Router): string {
  return `${singular}_id`;
}
