export type { BankCardInfo, ContactInfo, InitiateRequest, PartyInfo } from "../../contract/schemas/initiate.ts";
