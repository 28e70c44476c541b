import type { Certification } from '@doa-market/common/contracts';
import { conflict, invalidFields, notFound, ProblemError, unavailable } from '@doa-market/common/errors';
import { type ServiceClient, UpstreamError } from '@doa-market/common/http';
import type { SecurityEvents } from '../events/security-events.ts';
import type { Device } from '../http/device.ts';
import { type Throttle, takeOrRefuse } from '../throttle/throttle.ts';
import type { TokenIssuer } from '../token/issuer.ts';
import type { Issued } from './issued.ts';
import type { StartedCertification } from './schemas.ts';
import type { IdentityVerifier } from './verifier.ts';

interface Dependencies {
  /** Undefined where nobody can be certified. */
  verifier: IdentityVerifier | undefined;
  issued: Issued;
  memberServer: ServiceClient;
  tokens: TokenIssuer;
  events: SecurityEvents;
  throttle: Throttle;
}

/** Who a member is by law: told by PortOne, kept by member-server, and by nobody in between. */
export function createCertifications(dependencies: Dependencies) {
  const { issued, memberServer, tokens, events, throttle } = dependencies;

  function verifierOrNone(): IdentityVerifier {
    if (!dependencies.verifier) throw notFound('Identity verification');
    return dependencies.verifier;
  }

  async function keep(memberId: string, person: Certification): Promise<void> {
    const bearer = await tokens.forService(memberServer.name);
    await memberServer.put(`/internal/members/${memberId}/certification`, person, { bearer });
  }

  return {
    /** @throws {ProblemError} 404 where it is not offered; 429; 503 */
    async start(memberId: string): Promise<StartedCertification> {
      const { browser } = verifierOrNone();
      await takeOrRefuse(throttle, memberId);
      const id = await issued.add(memberId);
      const { storeId, channelKey, sandboxUrl } = browser;
      return {
        identityVerificationId: id,
        storeId,
        channelKey,
        ...(sandboxUrl !== undefined && { sandboxUrl: `${sandboxUrl}/${id}` }),
      };
    },

    /**
     * @throws {ProblemError} 410 unless it was begun for this member and is not used up; 422 while nobody is verified;
     *   409 when the person has another account; 404; 503
     * @throws {UpstreamError} of the verifier
     */
    async complete(memberId: string, id: string, device: Device): Promise<void> {
      const verifier = verifierOrNone();
      if (!(await issued.isOf(id, memberId))) throw verificationGone();
      const verification = await verifier.read(id);
      if (verification.outcome !== 'verified') throw notVerified(verification.outcome);
      if (!(await issued.take(id, memberId))) throw verificationGone();
      try {
        await keep(memberId, verification.person);
      } catch (error) {
        if (error instanceof UpstreamError && error.status === 409) throw hasOtherAccount();
        await issued.restore(id, memberId);
        throw error instanceof UpstreamError ? unavailable(error) : error;
      }
      void events.record(memberId, 'CERTIFIED', device);
    },
  };
}
export type Certifications = ReturnType<typeof createCertifications>;

/** One answer for what is over, another member's, or none at all. */
const verificationGone = () =>
  new ProblemError(
    410,
    'AUTH_1006',
    'The identity verification is over or was not begun by you. Start it again.',
  );

const notVerified = (outcome: 'pending' | 'failed') =>
  invalidFields([
    {
      field: 'identityVerificationId',
      message: outcome === 'failed' ? 'was not passed' : 'is not finished',
    },
  ]);

const hasOtherAccount = () => conflict('This person has another account.');
