import { Type } from 'typebox';

const Setting = (description: string, fallback = '') => Type.String({ default: fallback, description });
const IssuerUrl = (issuer: string) => Type.String({ pattern: '^https?://[^?#]+$', default: issuer });

/** Who is not given a client id is not offered. */
export const SocialConfig = {
  KAKAO_CLIENT_ID: Setting('the REST API key of the app at developers.kakao.com; empty: no Kakao login'),
  KAKAO_CLIENT_SECRET: Setting('of the same app, where OpenID Connect must be switched on'),
  KAKAO_ISSUER: IssuerUrl('https://kauth.kakao.com'),
  KAKAO_PROFILE_URL: IssuerUrl('https://kapi.kakao.com/v2/user/me'),
  NAVER_CLIENT_ID: Setting('of the application at developers.naver.com; empty: no Naver login'),
  NAVER_CLIENT_SECRET: Setting('of the same application'),
  NAVER_ISSUER: IssuerUrl('https://nid.naver.com'),
  GOOGLE_CLIENT_ID: Setting('of the web client at console.cloud.google.com; empty: no Google login'),
  GOOGLE_CLIENT_SECRET: Setting('of the same client'),
  GOOGLE_ISSUER: IssuerUrl('https://accounts.google.com'),
};
