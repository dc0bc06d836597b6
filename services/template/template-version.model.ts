import type { Model } from "../../mixins/collection-types.ts";

/**
 * A collection of template versions: any number of a code, one of them active for a flow (§4.1.1 step 3, §4.1.2).
 * @param name of the collection
 */
export const templateVersions = (name: string): Model => ({
  name,
  fields: {
    code: "string",
    templateVersion: "number",
    scene: "string",
    processType: "string",
    signatoryType: "number",
    fundPurpose: "string",
    accountType: "string",
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
});

/** The agreements (§4.1.2): the HTML the legal department answers for. */
export const protocolTemplate = templateVersions("protocol_template");

/** The signer's page texts (§3.1 `h5_template_name`, §4.1.1 step 4). */
export const h5Template = templateVersions("h5_template");
