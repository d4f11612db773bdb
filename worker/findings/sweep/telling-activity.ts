import { CHANGE_KINDS } from "./rules/directory-changes.ts";

/** Whether any rule looks at a directory audit of this name; a busy tenant has a hundred others for each of them. */
export function isTellingActivity(activity: string): boolean {
  return (
    /^(Invite external user|Consent to application|Add delegated permission grant|Add app role assignment)\b/i.test(
      activity,
    ) || CHANGE_KINDS.some((kind) => kind.activity.test(activity))
  );
}
