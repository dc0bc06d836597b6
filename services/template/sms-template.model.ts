import type { Model } from "../../mixins/collection-types.ts";

/**
 * §3.1 `sms_template`. The client's unique key on the code became one on code and version, because a running process pins the
 * version it was shown and an old text must stay readable next to the new one.
 */
export const smsTemplate: Model = {
  name: "sms_template",
  fields: {
    templateCode: "string",
    templateVersion: "number",
    scene: "string",
    signatoryType: "number",
    processType: "string",
    fundPurpose: "string",
    accountType: "string",
    contentTemplate: "string",
    h5TemplateName: "string",
    name: "string",
    sha256: "string",
    isActive: "boolean",
    origin: "string",
    createdAt: "date",
  },
  indexes: [
    { fields: ["templateCode", "templateVersion"], unique: true },
    { fields: ["scene"] },
    { fields: ["signatoryType"] },
    { fields: ["processType"] },
    { fields: ["isActive"] },
  ],
};
