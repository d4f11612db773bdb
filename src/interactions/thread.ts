import { ChannelType } from "discord-api-types/payloads/v10";

interface Place {
  channel_id?: string | undefined;
  channel?: { type: number } | undefined;
}

/** The thread that an interaction came from, which is a channel of its own. @see https://discord.com/developers/docs/topics/threads */
export function threadOf({ channel_id: channelId, channel }: Place): { threadId?: string } {
  const isThread =
    channel?.type === ChannelType.PublicThread ||
    channel?.type === ChannelType.PrivateThread ||
    channel?.type === ChannelType.AnnouncementThread;
  return isThread && channelId !== undefined ? { threadId: channelId } : {};
}
