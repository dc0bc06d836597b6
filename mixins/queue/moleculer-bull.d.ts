/** The package has no types of its own; only what is used here. */
declare module "moleculer-bull" {
  import type { Job, JobOptions, Queue, QueueOptions } from "bull";
  import type { ServiceSchema } from "moleculer";

  export default function createService(url: string, options?: QueueOptions): ServiceSchema;

  /** What a service with the mixin has. */
  export interface BullMethods {
    getQueue(name: string): Queue;
    createJob(name: string, jobName: string, payload: object, options: JobOptions): Promise<Job>;
  }
}
