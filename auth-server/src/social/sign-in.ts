import { invalidFields, notFound } from '@doa-market/common/errors';
import type { SecurityEvents } from '../events/security-events.ts';
import type { Device } from '../http/device.ts';
import type { MailRequests } from '../mail/requests.ts';
import type { Members } from '../member/client.ts';
import type { Sessions } from '../session/service.ts';
import { networkOf, type Throttle, takeOrRefuse } from '../throttle/throttle.ts';
import { hasAccount, linkedElsewhere, withoutAddress } from './failures.ts';
import type { Flow, Flows, Starter } from './flows.ts';
import type { Identities } from './identities.ts';
import type { Profile } from './profile.ts';
import type { Providers } from './providers.ts';
import { localPath } from './redirect.ts';
import type { Registrations } from './registrations.ts';
import type { Completed, Completion, SignedIn, Started } from './schemas.ts';

interface Dependencies {
  providers: Providers;
  flows: Flows;
  registrations: Registrations;
  identities: Identities;
  members: Members;
  sessions: Sessions;
  mail: MailRequests;
  events: SecurityEvents;
  throttle: Throttle;
}

/** Signing in through somebody else, and letting a member do so from now on. */
export function createSocialSignIn(dependencies: Dependencies) {
  const { providers, flows, registrations, identities, members, sessions, mail, events, throttle } =
    dependencies;

  function providerOf(name: string) {
    const provider = providers.get(name);
    if (!provider) throw notFound('The provider');
    return provider;
  }

  async function redeem(name: string, { handle, state, code, iss }: Completion, by: Starter) {
    const provider = providerOf(name);
    const flow = await flows.take(handle, state, name, by);
    const person = await provider.redeem({ code, iss }, flows.bindingsOf(handle));
    return { flow, person, identity: { provider: name, subject: person.subject } };
  }

  /**
   * Nobody becomes a member without having agreed, and no account is opened to whoever comes with its address from
   * somewhere else. Who may not even have that address is told by mail alone whether it has an account.
   */
  async function asNewcomer(
    profile: Profile,
    identity: { provider: string; subject: string },
    flow: Flow,
    client: string,
  ): Promise<Completed> {
    const { email, emailVerified, name } = profile;
    if (email === undefined) throw withoutAddress();
    if (emailVerified) {
      const member = await members.findByEmail(email);
      if (member?.emailVerified) throw hasAccount();
    }
    const { redirect } = flow;
    const known = { email, redirect, ...(name !== undefined && { name }) };
    const handle = await registrations.add({ ...known, emailProved: emailVerified, identity, client });
    if (!emailVerified) await mail.add('social-registration', email);
    return { status: 'AGREEMENTS_REQUIRED', handle, emailCodeRequired: !emailVerified, ...known };
  }

  return {
    /** @throws {ProblemError} 404 for a provider that is not offered; 422; 429; 503; {UpstreamError} */
    async start(name: string, redirect: string, startedBy: Starter, device: Device): Promise<Started> {
      const provider = providerOf(name);
      const path = localPath(redirect);
      if (path === undefined) {
        throw invalidFields([{ field: 'redirect', message: 'must be a path of this site' }]);
      }
      await takeOrRefuse(throttle, networkOf(device.address));
      const handle = await flows.add({ provider: name, redirect: path, startedBy });
      return { authorizationUrl: await provider.authorizationUrl(flows.bindingsOf(handle)), handle };
    },

    /** @throws {ProblemError} 404; 409 when there is no way in but another one; 410; 503; {UpstreamError} */
    async complete(name: string, completion: Completion, client: string, device: Device): Promise<Completed> {
      const mark = await sessions.mark();
      const { flow, person, identity } = await redeem(name, completion, { client });
      const member = await identities.find(identity);
      if (!member) return asNewcomer(await person.profile(), identity, flow, client);
      const tokens = await sessions.start(member, client, device, mark);
      void events.record(member.memberId, 'LOGIN', device);
      return { status: 'SIGNED_IN', ...tokens, redirect: flow.redirect };
    },

    /** @throws {ProblemError} 404; 409 when the identity is another member's; 410; 503; {UpstreamError} */
    async link(
      name: string,
      completion: Completion,
      memberId: string,
      device: Device,
    ): Promise<Pick<SignedIn, 'redirect'>> {
      const { flow, identity } = await redeem(name, completion, { memberId });
      if (!(await identities.link(memberId, identity))) throw linkedElsewhere();
      void events.record(memberId, 'SOCIAL_LINKED', device);
      return { redirect: flow.redirect };
    },
  };
}
export type SocialSignIn = ReturnType<typeof createSocialSignIn>;
