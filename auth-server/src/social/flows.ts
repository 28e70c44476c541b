import { createHmac } from 'node:crypto';
import { IdSchema } from '@doa-market/common/contracts';
import type { Redis } from '@doa-market/common/redis';
import { type Static, Type } from 'typebox';
import { signInGone } from './failures.ts';
import type { Bindings } from './open-id.ts';
import { createRecords } from './records.ts';

/** How long somebody may take at the provider, in milliseconds. */
const LIFETIME = 600_000;

const FlowSchema = Type.Object({
  provider: Type.String(),
  /** Where to go afterwards: a path of ours. */
  redirect: Type.String(),
  /** The first-party client that began a sign-in, or the member who began a link: each is good for that alone. */
  startedBy: Type.Union([Type.Object({ client: Type.String() }), Type.Object({ memberId: IdSchema })]),
});
export type Flow = Static<typeof FlowSchema>;
export type Starter = Flow['startedBy'];

/**
 * Sign-ins that are under way at a provider. What binds the provider's answer is derived from the handle, so whoever
 * reads Redis can finish nobody's sign-in.
 */
export function createFlows({ redis, serverSecret }: { redis: Redis; serverSecret: string }) {
  const records = createRecords({ redis, purpose: 'flow', schema: FlowSchema, lifetime: LIFETIME });
  const derive = (what: keyof Bindings, handle: string) =>
    createHmac('sha256', serverSecret).update(`social|${what}|${handle}`).digest('base64url');

  const bindingsOf = (handle: string): Bindings => ({
    state: derive('state', handle),
    nonce: derive('nonce', handle),
    codeVerifier: derive('codeVerifier', handle),
  });

  return {
    add: records.add,
    bindingsOf,
    /**
     * Ends the flow, whatever comes of it.
     * @throws {ProblemError} 410 unless there is one, of that provider, begun by the same, and `state` belongs to it
     */
    async take(handle: string, state: string, provider: string, by: Starter): Promise<Flow> {
      const flow = await records.take(handle);
      if (!flow || flow.provider !== provider || !isSame(flow.startedBy, by)) throw signInGone();
      // The handle is a secret of the caller, from which the right state follows: there is no time to be measured.
      if (state !== bindingsOf(handle).state) throw signInGone();
      return flow;
    },
  };
}
export type Flows = ReturnType<typeof createFlows>;

const isSame = (one: Starter, other: Starter): boolean => JSON.stringify(one) === JSON.stringify(other);
