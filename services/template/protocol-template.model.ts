import type { Model } from "../../mixins/collection-types.ts";

/** Versions of the agreements (§4.1.2): the HTML the legal department answers for. */
export const protocolTemplate: Model = {
  name: "protocol_template",
  fields: {
    code: "string",
    templateVersion: "number",
    scene: "string",
    processType: "string",
    signatoryType: "number",
    name: "string",
    content: "string",
    sha256: "string",
    isActive: "boolean",
    origin: "string",
    createdAt: "date",
  },
  indexes: [
    { fields: ["code", "templateVersion"], unique: true },
    { fields: ["scene"] },
    { fields: ["signatoryType"] },
    { fields: ["processType"] },
    { fields: ["isActive"] },
  ],
};
