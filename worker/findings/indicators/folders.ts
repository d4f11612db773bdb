/**
 * Folders that attackers move mail to because nobody looks there. Names in English and as Outlook writes them in
 * German, French, Spanish, Italian, Dutch and Portuguese; and Graph's well-known names.
 * @see https://github.com/syne0/osprey
 * @see https://github.com/splunk/security_content/pull/3586
 * @see https://learn.microsoft.com/en-us/graph/api/resources/mailfolder
 */
export const OBSCURE_FOLDERS: readonly string[] = [
  "RSS Feeds",
  "RSS Subscriptions",
  "RSS-Feeds",
  "RSS-Abonnements",
  "Flux RSS",
  "Fuentes RSS",
  "Feed RSS",
  "Conversation History",
  "conversationhistory",
  "Aufgezeichnete Unterhaltungen",
  "Historique des conversations",
  "Historial de conversaciones",
  "Cronologia conversazioni",
  "Gespreksgeschiedenis",
  "Histórico de Conversa",
  "Notes",
  "Notizen",
  "Calendar",
  "Kalender",
  "Sync Issues",
  "syncissues",
];

export const DELETED_FOLDERS: readonly string[] = [
  "Deleted Items",
  "deleteditems",
  "Gelöschte Elemente",
  "Éléments supprimés",
  "Elementos eliminados",
  "Posta eliminata",
  "Verwijderde items",
  "Itens Excluídos",
  "Recoverable Items",
  "recoverableitemsdeletions",
];

/** Where mail goes to be forgotten: as good as deleted, but a spam rule does the same. */
export const DISCARD_FOLDERS: readonly string[] = [
  ...DELETED_FOLDERS,
  "Junk Email",
  "Junk E-mail",
  "junkemail",
  "Junk-E-Mail",
  "Courrier indésirable",
  "Correo no deseado",
  "Posta indesiderata",
  "Ongewenste e-mail",
  "Lixo Eletrônico",
];

/** @see https://learn.microsoft.com/en-us/graph/api/resources/mailfolder */
export const SENT_FOLDERS: readonly string[] = [
  "Sent Items",
  "sentitems",
  "Gesendete Elemente",
  "Éléments envoyés",
  "Elementos enviados",
  "Posta inviata",
  "Verzonden items",
  "Itens Enviados",
];

/** Attackers use it, and so does everybody else: it counts only together with something else. */
export const ARCHIVE_FOLDERS: readonly string[] = ["Archive", "Archiv", "Archief", "Archivio", "Archivo"];

export function isFolderIn(names: readonly string[], folder: string): boolean {
  const wanted = folder.trim().normalize("NFC").toLowerCase();
  return names.some((name) => name.toLowerCase() === wanted);
}
