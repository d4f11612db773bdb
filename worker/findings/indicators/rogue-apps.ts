/**
 * Applications that attackers have had victims consent to, by application id: names are free to choose. Most are honest
 * products, so that one is in a tenant is a question and no proof. Facts from these lists (read 2026-11-25):
 * @see https://github.com/huntresslabs/rogueapps
 * @see https://github.com/randomaccess3/detections (M365_Oauth_Apps)
 * @see https://www.huntress.com/blog/legitimate-apps-as-traitorware-for-persistent-microsoft-365-compromise
 */
export const ROGUE_APPS: ReadonlyMap<string, { name: string; abusedFor: string }> = new Map([
  ["e9a7fea1-1cc0-4cd9-a31b-9137ca5deedd", { name: "eM Client", abusedFor: "copying and sending mail" }],
  [
    "ff8d92dc-3d82-41d6-bcbd-b9174d163620",
    { name: "PerfectData Software", abusedFor: "copying whole mailboxes" },
  ],
  [
    "a245e8c0-b53c-4b67-9b45-751d1dff8e6b",
    { name: "Newsletter Software Supermailer", abusedFor: "sending phishing mail" },
  ],
  [
    "b15665d9-eda6-4092-8539-0eec376afd59",
    { name: "rclone", abusedFor: "copying files from OneDrive and SharePoint" },
  ],
  ["a43e5392-f48b-46a4-a0f1-098b5eeb4757", { name: "CloudSponge", abusedFor: "copying address books" }],
  ["caffae8c-0882-4c81-9a27-d1803af53a40", { name: "SigParser", abusedFor: "copying contacts out of mail" }],
  ["2ef68ccc-8a4d-42ff-ae88-2d7bb89ad139", { name: "Mail_Backup", abusedFor: "copying whole mailboxes" }],
]);
