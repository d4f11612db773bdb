import { z } from "zod";

/** An artifact that holds a list, as Microsoft returned it. */
export const List = z.strictObject({
  "@odata.context": z.string(),
  value: z.array(z.looseObject({})),
});
