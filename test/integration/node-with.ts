import { ServiceBroker, type Context, type ServiceSchema } from "moleculer";

export interface StandIn {
  name: string;
  actions: Record<string, (params: never) => unknown>;
}

/**
 * One node with the service under test and stand-ins of the services it calls. `settings` replace the service's own.
 * Called again with the same DATA_DIR it is the node after a restart.
 */
export async function nodeWith<T extends object>(schema: ServiceSchema, settings: object, standIns: StandIn[] = []) {
  const broker = new ServiceBroker({ nodeID: `test-${process.pid}-${++nodes}`, logger: false, requestTimeout: 5_000 });
  for (const { name, actions } of standIns) {
    const handlers = Object.entries(actions).map(([action, act]) => [action, { handler: (ctx: Context<never>) => act(ctx.params) }]);
    broker.createService({ name, actions: Object.fromEntries(handlers) as ServiceSchema["actions"] & object });
  }
  const service = broker.createService({ ...schema, settings: { ...schema.settings, ...settings } }) as unknown as T;
  await broker.start();
  return { broker, service, call: <R>(action: string, params: unknown) => broker.call<R, object>(action, params as object), stop: () => broker.stop() };
}
let nodes = 0;
