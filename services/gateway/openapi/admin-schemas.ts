import * as admin from "../../../contract/schemas/admin.ts";

/** The administration's schemas by name. */
export const adminSchemas: Readonly<Record<string, object>> = {
  AdminReason: admin.adminReasonSchema,
  AdminProcess: admin.adminProcess,
  ProcessList: admin.processList,
  Delivery: admin.delivery,
  DeliveryList: admin.deliveryList,
  AuditEntry: admin.auditEntry,
  AuditList: admin.auditList,
};
