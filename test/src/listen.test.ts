import { expect, test } from "vitest";
import { closeServer } from "../../src/close-server.ts";
import { listen } from "../../src/listen.ts";

const options = {
  fetch: () => new Response("here"),
  hostname: "127.0.0.1",
  port: 0,
  settings: "HOST and PORT",
};

test("an address that another program has is told with what to do, and is no wrong configuration", async () => {
  const { server, address } = await listen(options);
  try {
    await expect(listen({ ...options, port: address.port })).rejects.toMatchObject({
      code: "ADDRESS_IN_USE",
      message: expect.stringMatching(
        new RegExp(
          `^Expected to listen on 127\\.0\\.0\\.1, port ${address.port} \\(HOST and PORT\\).*end it, or set another`,
        ),
      ),
    });
  } finally {
    await closeServer(server);
  }
});

test("an address that this machine does not have is a wrong configuration", async () => {
  // Reserved for documentation. https://www.rfc-editor.org/rfc/rfc5737
  await expect(listen({ ...options, hostname: "203.0.113.7" })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("Correct HOST and PORT."),
  });
});
