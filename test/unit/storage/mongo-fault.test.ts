import mongoose from "mongoose";
import { storageFault } from "../../../mixins/storage/mongo-fault.ts";

const { mongo } = mongoose;
const said = (code: number, codeName: string) => new mongo.MongoServerError({ message: "13800138000", code, codeName });

test.each<[string, Error, string]>([
  ["a server that has stepped down", said(189, "PrimarySteppedDown"), "SERVICE_UNAVAILABLE"],
  ["a router that cannot reach its shard", said(6, "HostUnreachable"), "SERVICE_UNAVAILABLE"],
  ["a router whose shard is silent", said(89, "NetworkTimeout"), "SERVICE_UNAVAILABLE"],
  ["a member that knows no majority yet", said(134, "ReadConcernMajorityNotAvailableYet"), "SERVICE_UNAVAILABLE"],
  ["a server that ran out of time", said(262, "ExceededTimeLimit"), "SERVICE_UNAVAILABLE"],
  ["a lost connection", new mongo.MongoNetworkError("13800138000"), "SERVICE_UNAVAILABLE"],
  ["a user without the right", said(13, "Unauthorized"), "STORAGE_FAILED"],
  ["a document that is too large", said(10334, "BSONObjectTooLarge"), "STORAGE_FAILED"],
])("%s is told in the platform's own words", (_, cause, type) => {
  const fault = storageFault(cause);
  expect(fault).toMatchObject({ type, cause });
  expect(fault.message).not.toContain("13800138000");
});
