import type { Model } from "../../mixins/collection-types.ts";

/** Versions of the signer's page texts (§3.1 `h5_template_name`, §4.1.1 step 4). */
export const h5Template: Model = {
  name: "h5_template",
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
