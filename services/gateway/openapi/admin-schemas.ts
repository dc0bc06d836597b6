import * as detail from "../../../contract/schemas/admin-detail.ts";
import * as admin from "../../../contract/schemas/admin.ts";

/** The administration's schemas by name. */
export const adminSchemas: Readonly<Record<string, object>> = {
  AdminReason: admin.adminReasonSchema,
  AdminProcess: admin.adminProcess,
  AdminProcessDetail: detail.adminProcessDetail,
  ProcessList: admin.processList,
  RevealRequest: detail.revealSchema,
  Revealed: detail.revealed,
  DocumentRequest: detail.documentSchema,
  HandedOver: detail.handedOver,
  Delivery: admin.delivery,
  DeliveryList: admin.deliveryList,
  AuditEntry: admin.auditEntry,
  AuditList: admin.auditList,
};
