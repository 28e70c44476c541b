import type { Metrics } from '@doa-market/common/metrics';
import type { Config } from '../config.ts';
import { createOpenIdProvider, type OpenIdProvider, type ProviderDescription } from './open-id.ts';
import { readKakaoUser, readNaverUser, readStandardClaims } from './profile.ts';

export const PROVIDERS = ['kakao', 'naver', 'google'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

interface Registration {
  clientId: string;
  clientSecret: string;
  description: ProviderDescription;
}

/** How each is registered, and where it differs from OpenID Connect Core. */
function registrationsOf(config: Config): Record<ProviderName, Registration> {
  return {
    /** https://developers.kakao.com/docs/latest/en/kakaologin/rest-api and its openid-configuration */
    kakao: {
      clientId: config.KAKAO_CLIENT_ID,
      clientSecret: config.KAKAO_CLIENT_SECRET,
      description: {
        issuer: config.KAKAO_ISSUER,
        scope: 'openid account_email profile_nickname',
        profile: { source: config.KAKAO_PROFILE_URL, read: readKakaoUser },
      },
    },
    /**
     * https://developers.naver.com/docs/login/devguide/devguide.md section 3.5 and its openid-configuration. What is
     * told of somebody is set at the application, not by scopes; `state` is asked for at the token endpoint, too; a
     * nonce is not spoken of, so the code is bound to this sign-in by PKCE alone (RFC 9700 section 2.1.1).
     */
    naver: {
      clientId: config.NAVER_CLIENT_ID,
      clientSecret: config.NAVER_CLIENT_SECRET,
      description: {
        issuer: config.NAVER_ISSUER,
        scope: 'openid profile',
        withoutNonce: true,
        stateForToken: true,
        profile: { source: 'userinfo', read: readNaverUser },
      },
    },
    /** https://developers.google.com/identity/openid-connect/openid-connect */
    google: {
      clientId: config.GOOGLE_CLIENT_ID,
      clientSecret: config.GOOGLE_CLIENT_SECRET,
      description: {
        issuer: config.GOOGLE_ISSUER,
        scope: 'openid email profile',
        profile: { source: 'id token', read: readStandardClaims },
      },
    },
  };
}

export type Providers = ReadonlyMap<string, OpenIdProvider>;

/** Those that this installation is registered with. @throws {Error} where half of a registration is missing, or could be overheard */
export function createProviders(config: Config, metrics: Metrics): Providers {
  const registrations = registrationsOf(config);
  const providers = new Map<string, OpenIdProvider>();
  for (const name of PROVIDERS) {
    const { clientId, clientSecret, description } = registrations[name];
    if ((clientId === '') !== (clientSecret === '')) {
      const variable = `${name.toUpperCase()}_CLIENT_${clientId === '' ? 'ID' : 'SECRET'}`;
      throw new Error(`${variable} is missing: ${name} needs both its client id and its secret`);
    }
    if (clientId === '') continue;
    const allowHttp = config.NODE_ENV !== 'production';
    if (!allowHttp && !description.issuer.startsWith('https:')) {
      throw new Error(`${name.toUpperCase()}_ISSUER must be https in production`);
    }
    const options = {
      ...description,
      name,
      clientId,
      clientSecret,
      redirectUri: `${config.PUBLIC_URL}/auth/social/${name}/callback`,
      timeout: config.REQUEST_TIMEOUT,
      allowHttp,
      metrics,
    };
    providers.set(name, createOpenIdProvider(options));
  }
  return providers;
}
