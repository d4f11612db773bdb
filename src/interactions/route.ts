import { InteractionResponseType, InteractionType, MessageFlags } from "discord-api-types/payloads/v10";
import type { Context } from "hono";
import { type AccessLists, authorise, type Level } from "../access.ts";
import { type Command, isPrivate } from "../commands/command.ts";
import { createJob, type InteractionRef, queues, START_WITHIN_MS, type Work } from "../jobs/contract.ts";
import type { Attendance } from "../jobs/heartbeat.ts";
import type { Outlook, Producer, QueueName } from "../jobs/queue.ts";
import { rememberReads } from "../jobs/remember-reads.ts";
import type { Log } from "../log.ts";
import { components } from "./components.ts";
import { decodeCustomId } from "./custom-id.ts";
import { forms, openForm } from "./forms.ts";
import type { Guard } from "./guard.ts";
import {
  type AutocompleteInteraction,
  type CommandInteraction,
  type ComponentInteraction,
  type ModalInteraction,
  parseInteraction,
} from "./interaction.ts";
import { announce, deferral, deferredUpdate, pong, privately, relativeTime, suggest } from "./respond.ts";

export interface RouteOptions {
  guard: Guard;
  commands: readonly Command[];
  access: AccessLists;
  producer: (queue: QueueName) => Producer;
  outlook: Outlook;
  /** Is a worker there? */
  attendance: () => Promise<Attendance>;
  log: Log;
  now: () => number;
}

type Startable = CommandInteraction | ComponentInteraction | ModalInteraction;

const UNAVAILABLE =
  "The job queue cannot be reached, so nothing was started. Try again in a minute. If it stays so, tell whoever runs this bot.";
const FORM_OUT_OF_DATE = "That form is out of date. Use the slash command instead.";
const OUT_OF_DATE = "That button is out of date. Use the slash command instead.";

/**
 * `POST /interactions`. Discord waits 3 seconds, so this checks, enqueues and answers, nothing more: it never calls
 * Discord and never waits for work.
 * @see https://discord.com/developers/docs/interactions/receiving-and-responding
 */
export function route({ guard, commands, access, producer, outlook, attendance, log, now }: RouteOptions) {
  const remembered = rememberReads(outlook, { now });

  return async function route(c: Context): Promise<Response> {
    const request = await guard(c.req.raw);
    if (request.kind === "rejected") {
      log.warn({ status: request.status, reason: request.reason }, "request rejected");
      // The rest of a refused body is not read, so the connection cannot be used again.
      return c.text(request.reason, request.status, { connection: "close" });
    }

    // Answered before authorisation: a ping has no member and no roles.
    const interaction = parseInteraction(request.body);
    switch (interaction.type) {
      case InteractionType.Ping:
        return c.json(pong);
      case InteractionType.ApplicationCommand:
        return c.json(await answerCommand(interaction));
      case InteractionType.MessageComponent:
        return c.json(await answerComponent(interaction));
      case InteractionType.ApplicationCommandAutocomplete:
        return c.json(suggest(await choicesFor(interaction)));
      case InteractionType.ModalSubmit:
        return c.json(await answerForm(interaction));
    }
  };

  async function answerCommand(interaction: CommandInteraction) {
    const { name, type } = interaction.data;
    const command = findCommand(name, type);
    if (!command) return privately("That command is gone. Reload Discord and try again.");

    const caller = admit(interaction, command.access, command.definition.name);
    if (caller.kind === "denied") return privately(caller.reason);

    const ephemeral = isPrivate(command, interaction);
    const started = start(interaction, command.toWork(interaction), { ...caller, ephemeral });
    if (!command.opening) return started;
    const [depths, seen] = await Promise.all([outlook.depths(), attendance(), started]);
    return announce(command.opening({ depths, attendance: seen, now: now() }), { ephemeral });
  }

  /** Nobody is refused in words here: whoever may not use a command is offered nothing. */
  async function choicesFor(interaction: AutocompleteInteraction) {
    const { name, type } = interaction.data;
    const command = findCommand(name, type);
    const focused = interaction.data.options.find((option) => option.focused);
    if (!command?.autocomplete || !focused) return [];
    const permission = authorise(callerOf(interaction), command.access, access);
    if (permission.kind === "denied") return [];
    const given = Object.fromEntries(interaction.data.options.map(({ name, value }) => [name, value]));
    const { level, tenantIds } = permission;
    return command.autocomplete(
      { name: focused.name, typed: String(focused.value ?? ""), given, level, tenantIds },
      remembered,
    );
  }

  /** The menu of a message may hold a command of the same name as a slash command. */
  function findCommand(name: string, type: number): Command | undefined {
    return commands.find(({ definition }) => definition.name === name && definition.type === type);
  }

  async function answerComponent(interaction: ComponentInteraction) {
    const customId = decodeCustomId(interaction.data.custom_id);
    if (!customId) return privately(OUT_OF_DATE);

    const component = components[customId.action];
    const caller = admit(interaction, component.access, customId.action);
    if (caller.kind === "denied") return privately(caller.reason);

    const click = { value: customId.value, chosen: interaction.data.values };
    if (component.kind === "cancel") {
      const jobId = component.toJobId(click);
      return jobId === undefined ? privately(OUT_OF_DATE) : stop(jobId, caller.userId);
    }
    if (component.kind === "form") {
      const form = component.toForm(click);
      return form === undefined ? privately(OUT_OF_DATE) : openForm(form);
    }
    const work = component.toWork(click);
    if (work === undefined) return privately(OUT_OF_DATE);
    const hidden = (interaction.message.flags & MessageFlags.Ephemeral) !== 0;
    if (component.kind === "update") return update(interaction, work, { ...caller, ephemeral: hidden });
    const ephemeral = component.visibility === "private" || hidden;
    return start(interaction, work, { ...caller, ephemeral });
  }

  async function answerForm(interaction: ModalInteraction) {
    const { custom_id: id, components: holders } = interaction.data;
    const customId = decodeCustomId(id);
    if (customId?.action !== "reply") return privately(FORM_OUT_OF_DATE);
    const form = forms[customId.action];
    const caller = admit(interaction, form.access, customId.action);
    if (caller.kind === "denied") return privately(caller.reason);

    const fields = new Map(holders.flat().map((field) => [field.custom_id, field.value]));
    const work = form.toWork({ value: customId.value, fields });
    if (work === undefined) return privately(FORM_OUT_OF_DATE);
    const ephemeral = ((interaction.message?.flags ?? 0) & MessageFlags.Ephemeral) !== 0;
    return start(interaction, work, { ...caller, ephemeral });
  }

  /** The message stays as it is until the worker edits it, so whoever waits for nobody is told beside it. */
  async function update(interaction: ComponentInteraction, work: Work, caller: Parameters<typeof start>[2]) {
    const seen = await attendance();
    if (seen.kind === "away") return privately(nobodyThere(seen.since));
    const started = await start(interaction, work, { ...caller, updates: true });
    return started.type === InteractionResponseType.DeferredChannelMessageWithSource
      ? deferredUpdate
      : started;
  }

  async function stop(jobId: string, userId: string) {
    const asked = await producer("investigations").cancel(jobId);
    log.info({ jobId, userId, outcome: asked.kind }, "stop asked for");
    return asked.kind === "queued" ? deferredUpdate : privately(UNAVAILABLE);
  }

  /** Every entry passes here; a refusal is on record. */
  function admit(interaction: Startable, level: Level, entry: string) {
    const caller = callerOf(interaction);
    const { userId, roleIds, guildId } = caller;
    const channelId = interaction.channel_id;
    const permission = authorise(caller, level, access);
    if (permission.kind === "denied") {
      const fields = {
        interactionId: interaction.id,
        userId,
        guildId,
        channelId,
        entry,
        code: permission.code,
      };
      log.warn(fields, "refused");
      return permission;
    }
    // Allowed means in our guild, and there an interaction has a channel.
    return {
      kind: "allowed" as const,
      userId,
      roleIds,
      guildId: access.guildId,
      channelId: channelId ?? "0",
    };
  }

  async function start(
    interaction: Startable,
    work: Work,
    caller: Pick<InteractionRef, "userId" | "roleIds" | "guildId" | "channelId" | "ephemeral" | "updates">,
  ) {
    const { userId, roleIds, guildId, channelId, ephemeral } = caller;
    const job = createJob(
      {
        id: interaction.id,
        applicationId: interaction.application_id,
        interactionToken: interaction.token,
        guildId,
        channelId,
        userId,
        roleIds,
        ephemeral,
        attachmentLimitBytes: interaction.attachment_size_limit,
        ...(caller.updates && { updates: caller.updates }),
      },
      work,
      { now: now() },
    );
    const fields = {
      jobId: job.id,
      interactionId: interaction.id,
      command: work.kind,
      userId,
      guildId,
      channelId,
    };

    // A deferral promises an answer, so it is given only once the job is in the queue.
    const [entry, seen] = await Promise.all([producer(queues[work.kind]).enqueue(job), attendance()]);
    if (entry.kind === "unavailable") {
      log.error({ ...fields, reason: entry.reason }, "job not queued");
      return privately(UNAVAILABLE);
    }
    log.info(fields, "job queued");
    return seen.kind === "away" ? announce(waiting(seen.since), { ephemeral }) : deferral({ ephemeral });
  }
}

function callerOf({ member, user, guild_id: guildId }: Startable | AutocompleteInteraction) {
  return { userId: member?.user.id ?? user?.id ?? "0", roleIds: member?.roles ?? [], guildId };
}

/** @param since - When a worker was last seen, in milliseconds since 1970. */
function waiting(since: number | undefined): string {
  return `Queued, but nothing runs it now: ${lastSeen(since)}. If one is back within ${START_WITHIN_MS / 60_000} minutes, this message turns into the result; later nothing is started, and it says so. Tell whoever runs the bot to start the worker.`;
}

function nobodyThere(since: number | undefined): string {
  return `Nothing was started, because nobody is there to do it: ${lastSeen(since)}. Press it again when a worker is back; \`/status\` says when.`;
}

function lastSeen(since: number | undefined): string {
  return since === undefined ? "no worker has been seen yet" : `no worker since ${relativeTime(since)}`;
}
