/**
 * Kinds of risk detections that rest on more than an unusual place: they count from medium on.
 * @see https://learn.microsoft.com/en-us/entra/id-protection/concept-identity-protection-risks
 */
export const GRAVE_DETECTIONS: readonly string[] = [
  "adminConfirmedUserCompromised",
  "anomalousUserActivity",
  "attackerinTheMiddle",
  "investigationsThreatIntelligence",
  "leakedCredentials",
  "maliciousIPAddress",
  "mcasSuspiciousInboxManipulationRules",
  "nationStateIP",
  "suspiciousAPITraffic",
  "suspiciousInboxForwarding",
  "suspiciousSendingPatterns",
  "userReportedSuspiciousActivity",
];
