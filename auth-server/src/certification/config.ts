import { Type } from 'typebox';

const Setting = (description: string) => Type.String({ default: '', description });

/** Without a secret, development verifies with a sandbox of its own, and production does not verify. */
export const CertificationConfig = {
  PORTONE_API_URL: Type.String({ pattern: '^https?://[^/?#]+$', default: 'https://api.portone.io' }),
  PORTONE_API_SECRET: Setting('of PortOne V2; empty: nobody is certified but by the sandbox of development'),
  PORTONE_STORE_ID: Setting('the store at PortOne'),
  PORTONE_IDENTITY_CHANNEL_KEY: Setting('the channel for identity verification'),
};
