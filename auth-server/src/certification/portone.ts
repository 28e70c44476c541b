import { createHash } from 'node:crypto';
import { type Certification, CertificationSchema } from '@doa-market/common/contracts';
import { UpstreamError } from '@doa-market/common/http';
import type { Metrics } from '@doa-market/common/metrics';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { IdentityVerifier, Verification } from './verifier.ts';

const optional = Type.Optional;

/**
 * `GET /identity-verifications/{id}` of PortOne V2: what we read of it. As in its REST schema and the types of
 * @portone/server-sdk 0.15 (identityVerification/*): phone, CI and DI depend on the contract and the agency behind the
 * channel; `birthDate` is always there in V2.
 */
const AnswerSchema = Type.Union([
  Type.Object({
    status: Type.Literal('VERIFIED'),
    id: Type.String(),
    channel: optional(Type.Object({ type: Type.Enum(['LIVE', 'TEST']), key: optional(Type.String()) })),
    verifiedCustomer: Type.Object({
      name: Type.String(),
      birthDate: optional(Type.String()),
      phoneNumber: optional(Type.String()),
      ci: optional(Type.String()),
      di: optional(Type.String()),
    }),
  }),
  Type.Object({ status: Type.Enum(['READY', 'FAILED']), id: Type.String() }),
]);
const answerValidator = Compile(AnswerSchema);
type Answer = Static<typeof AnswerSchema>;
type Verified = Extract<Answer, { status: 'VERIFIED' }>;

const RefusalSchema = Type.Object({ type: Type.String() });
const refusalValidator = Compile(RefusalSchema);
const personValidator = Compile(CertificationSchema);

interface PortOneOptions {
  apiUrl: string;
  apiSecret: string;
  storeId: string;
  channelKey: string;
  /** Milliseconds. */
  timeout: number;
  /** In a test channel nobody is asked who they are. */
  allowTestChannel: boolean;
  metrics: Metrics;
}

const NAME = 'portone';

export function createPortOne(options: PortOneOptions): Omit<IdentityVerifier, 'close'> {
  const { apiUrl, apiSecret, storeId, channelKey, timeout, allowTestChannel, metrics } = options;

  /** Undefined for an id that PortOne has not seen: it learns of one when its script opens with it. */
  async function ask(id: string): Promise<Answer | undefined> {
    const query = new URLSearchParams({ storeId });
    const response = await fetch(`${apiUrl}/identity-verifications/${encodeURIComponent(id)}?${query}`, {
      headers: { Authorization: `PortOne ${apiSecret}`, Accept: 'application/json' },
      signal: AbortSignal.timeout(timeout),
      redirect: 'error',
    });
    const value: unknown = await response.json().catch(unlessLate);
    if (response.status === 404 && refusalValidator.Check(value) && value.type === NOT_FOUND)
      return undefined;
    if (!response.ok) throw new UpstreamError(NAME, 'status', { status: response.status });
    if (!answerValidator.Check(value) || value.id !== id) throw new UpstreamError(NAME, 'invalid');
    return value;
  }

  async function observed<T>(call: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    let outcome = 'ok';
    try {
      return await call();
    } catch (error) {
      const failure = UpstreamError.from(NAME, error);
      outcome = failure.failure;
      throw failure;
    } finally {
      metrics.upstreamFinished(NAME, outcome, (performance.now() - startedAt) / 1_000);
    }
  }

  /** @throws {UpstreamError} when the channel does not tell what the contract with the agency should include */
  function personOf({ channel, verifiedCustomer: customer }: Verified): Certification {
    if (channel?.type === 'TEST' && !allowTestChannel) throw invalid('verified in a test channel');
    if (channel?.key !== undefined && channel.key !== channelKey)
      throw invalid('verified in another channel');
    const { ci, name, birthDate } = customer;
    const person = {
      ci,
      di: customer.di ?? (ci === undefined ? undefined : shopOwnId(storeId, ci)),
      name: name.trim().normalize('NFC'),
      birthDate,
      phone: customer.phoneNumber?.replace(/\D/g, ''),
    };
    if (!personValidator.Check(person)) throw invalid('ci, birthDate or phoneNumber is missing or malformed');
    return person;
  }

  return {
    browser: { storeId, channelKey },
    read: (id) =>
      observed(async (): Promise<Verification> => {
        const answer = await ask(id);
        if (answer?.status === 'FAILED') return { outcome: 'failed' };
        if (answer?.status !== 'VERIFIED') return { outcome: 'pending' };
        return { outcome: 'verified', person: personOf(answer) };
      }),
  };
}

const NOT_FOUND = 'IDENTITY_VERIFICATION_NOT_FOUND';

const invalid = (why: string) => new UpstreamError(NAME, 'invalid', undefined, new Error(why));

/** What is no JSON is for the caller to see; that it did not come in time is not. */
function unlessLate(error: unknown): undefined {
  if (error instanceof SyntaxError) return undefined;
  throw error;
}

/** Some agencies give no DI. What it is for follows from the CI: the same for one person at one shop. */
const shopOwnId = (storeId: string, ci: string): string =>
  createHash('sha256').update(`di|${storeId}|${ci}`).digest('base64');
