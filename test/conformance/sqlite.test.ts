import { describeCollections } from "./collection-suite.ts";

describeCollections("sqlite");
