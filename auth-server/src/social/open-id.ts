import { UpstreamError } from '@doa-market/common/http';
import type { Metrics } from '@doa-market/common/metrics';
import * as oidc from 'openid-client';
import { failureOf, isGrantGone, signInGone } from './failures.ts';
import type { Profile } from './profile.ts';

export interface ProviderDescription {
  issuer: string;
  scope: string;
  withoutNonce?: boolean;
  stateForToken?: boolean;
  /** Where an address and a name are to be had, and how they are read. */
  profile: {
    source: 'id token' | 'userinfo' | (string & {});
    read: (value: unknown, subject: string) => Profile;
  };
}

interface ProviderOptions extends ProviderDescription {
  name: string;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  /** Milliseconds of one call. */
  timeout: number;
  allowHttp: boolean;
  metrics: Metrics;
}

/** What binds an answer to the sign-in that asked for it. */
export interface Bindings {
  state: string;
  nonce: string;
  codeVerifier: string;
}

export interface AuthorizationAnswer {
  code: string;
  /** RFC 9207: who says that the code is theirs. */
  iss?: string | undefined;
}

/** Somebody whom the provider vouches for. */
export interface Person {
  subject: string;
  /** @throws {UpstreamError} */
  profile: () => Promise<Profile>;
}

/** Milliseconds for which a provider's metadata and keys are kept; keys that are not known are asked for at once. */
const METADATA_LIFETIME = 3_600_000;
/** Milliseconds until they are asked for again where that failed. */
const RETRY_AFTER = 60_000;

/** A provider of logins by OpenID Connect: authorization code with PKCE, and an ID token that is verified in full. */
export function createOpenIdProvider(options: ProviderOptions) {
  const { name, issuer, clientId, clientSecret, redirectUri, scope, timeout, metrics } = options;
  let known: { configuration: oidc.Configuration; until: number } | undefined;
  let asking: Promise<oidc.Configuration> | undefined;

  async function observed<T>(call: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    let outcome = 'ok';
    try {
      return await call();
    } catch (error) {
      const failure = failureOf(error);
      outcome = failure;
      if (isGrantGone(error)) throw signInGone(error);
      throw new UpstreamError(name, failure, undefined, error);
    } finally {
      metrics.upstreamFinished(name, outcome, (performance.now() - startedAt) / 1_000);
    }
  }

  async function discover(): Promise<oidc.Configuration> {
    const client = { client_secret: clientSecret, id_token_signed_response_alg: 'RS256' };
    const insecure = options.allowHttp && issuer.startsWith('http:');
    const configuration = await oidc.discovery(
      new URL(issuer),
      clientId,
      client,
      oidc.ClientSecretPost(clientSecret),
      {
        timeout: timeout / 1_000,
        // Without this the signature of an ID token would not be looked at, since it came over TLS.
        execute: [oidc.enableNonRepudiationChecks, ...(insecure ? [oidc.allowInsecureRequests] : [])],
      },
    );
    known = { configuration, until: Date.now() + METADATA_LIFETIME };
    return configuration;
  }

  /** Old metadata is better than none, and need not be waited for again and again. */
  async function current(): Promise<oidc.Configuration> {
    if (known && Date.now() < known.until) return known.configuration;
    asking ??= observed(discover).finally(() => {
      asking = undefined;
    });
    return asking.catch((error: unknown) => {
      if (!known) throw error;
      known.until = Date.now() + RETRY_AFTER;
      return known.configuration;
    });
  }

  async function readProfile(
    configuration: oidc.Configuration,
    tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
    subject: string,
  ): Promise<Profile> {
    const { source, read } = options.profile;
    if (source === 'id token') return read(tokens.claims(), subject);
    const url = source === 'userinfo' ? configuration.serverMetadata().userinfo_endpoint : source;
    if (url === undefined) throw new Error('the provider names no userinfo endpoint');
    const answer = await oidc.fetchProtectedResource(configuration, tokens.access_token, new URL(url), 'GET');
    if (!answer.ok) throw new Error(`the profile is answered with ${answer.status}`);
    return read(await answer.json(), subject);
  }

  return {
    name,

    /** Where a browser is to be sent. @throws {UpstreamError} */
    async authorizationUrl({ state, nonce, codeVerifier }: Bindings): Promise<string> {
      const configuration = await current();
      const url = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope,
        state,
        ...(!options.withoutNonce && { nonce }),
        code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      });
      return url.href;
    },

    /**
     * Who came back with this answer.
     * @throws {ProblemError} 410 when the code is used up, or came from another provider
     * @throws {UpstreamError}
     */
    async redeem(
      { code, iss }: AuthorizationAnswer,
      { state, nonce, codeVerifier }: Bindings,
    ): Promise<Person> {
      const configuration = await current();
      const metadata = configuration.serverMetadata();
      if (iss === undefined && metadata.authorization_response_iss_parameter_supported === true) {
        throw signInGone();
      }
      if (iss !== undefined && iss !== metadata.issuer) throw signInGone();
      const answer = new URL(redirectUri);
      answer.search = new URLSearchParams({ code, state, ...(iss !== undefined && { iss }) }).toString();
      return observed(async () => {
        const tokens = await oidc.authorizationCodeGrant(
          configuration,
          answer,
          {
            expectedState: state,
            pkceCodeVerifier: codeVerifier,
            idTokenExpected: true,
            ...(!options.withoutNonce && { expectedNonce: nonce }),
          },
          options.stateForToken ? { state } : {},
        );
        const subject = tokens.claims()?.sub;
        if (subject === undefined || subject.length > MAX_SUBJECT)
          throw new Error('there is no usable subject');
        return { subject, profile: () => observed(() => readProfile(configuration, tokens, subject)) };
      });
    },
  };
}
export type OpenIdProvider = ReturnType<typeof createOpenIdProvider>;

/** OpenID Connect Core section 2 */
const MAX_SUBJECT = 255;
