import { segment } from "../graph-client.ts";
import type { Check, CheckContext } from "./check.ts";
import { readTogether } from "./read-parts.ts";

/**
 * With what the account can sign in, and since when.
 * @see https://learn.microsoft.com/graph/api/authentication-list-methods
 */
export const authMethods: Check = {
  id: "auth_methods",
  run: ({ graph, limits, upn, save }: CheckContext) =>
    readTogether(
      [
        {
          artifact: "auth-methods.json",
          noun: "sign-in methods",
          elsewhere: "Look at the rest in the Entra admin center, Authentication methods of the user.",
          read: () =>
            graph.collect(`/v1.0/users/${segment(upn)}/authentication/methods`, {
              limit: limits.directory,
              permission: "UserAuthenticationMethod.Read.All",
            }),
        },
      ],
      save,
    ),
};
