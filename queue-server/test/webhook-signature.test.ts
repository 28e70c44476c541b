import { describe, expect, it } from 'vitest';
import { createWebhookVerifier, signWebhook, TOLERANCE } from '../src/payment/webhook-signature.ts';

/** Of the specification's own libraries: https://github.com/standard-webhooks/standard-webhooks */
const KEY = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
const TIMESTAMP = 1_614_265_330;
const BODY = Buffer.from('{"test": 2432232314}');
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const ANOTHERS = 'v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=';
const OTHER_KEY = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';

const headers = {
  'webhook-id': ID,
  'webhook-timestamp': String(TIMESTAMP),
  'webhook-signature': SIGNATURE,
};
const verifier = (secrets = [KEY], now = TIMESTAMP) => createWebhookVerifier(secrets, () => now);
const accepted = { webhookId: ID };

describe('a signed webhook', () => {
  it('has the signature that the specification publishes', () => {
    expect(signWebhook(KEY, ID, TIMESTAMP, BODY)).toBe(SIGNATURE);
    expect(verifier()(headers, BODY)).toEqual(accepted);
  });

  it('may bring signatures of other keys and of other schemes', () => {
    const list = [ANOTHERS, SIGNATURE.replace('v1,', 'v2,'), SIGNATURE, 'v1a,AAAA'].join(' ');
    expect(verifier()({ ...headers, 'webhook-signature': list }, BODY)).toEqual(accepted);
  });

  it('is believed by either key while one takes over from another, and not after', () => {
    const signed = { ...headers, 'webhook-signature': signWebhook(OTHER_KEY, ID, TIMESTAMP, BODY) };
    expect(verifier([KEY, OTHER_KEY])(signed, BODY)).toEqual(accepted);
    expect(verifier([KEY, OTHER_KEY])(headers, BODY)).toEqual(accepted);
    expect(verifier([KEY])(signed, BODY)).toEqual({ distrust: 'FORGED' });
  });

  it('is good for five minutes both ways, and not a second longer', () => {
    expect(verifier([KEY], TIMESTAMP + TOLERANCE)(headers, BODY)).toEqual(accepted);
    expect(verifier([KEY], TIMESTAMP - TOLERANCE)(headers, BODY)).toEqual(accepted);
    expect(verifier([KEY], TIMESTAMP + TOLERANCE + 1)(headers, BODY)).toEqual({ distrust: 'STALE' });
    expect(verifier([KEY], TIMESTAMP - TOLERANCE - 1)(headers, BODY)).toEqual({ distrust: 'STALE' });
  });

  it('is signed as it came, byte for byte', () => {
    expect(verifier()(headers, Buffer.from('{"test":2432232314}'))).toEqual({ distrust: 'FORGED' });
    const id = { ...headers, 'webhook-id': 'msg_another' };
    expect(verifier()(id, BODY)).toEqual({ distrust: 'FORGED' });
    const timestamp = { ...headers, 'webhook-timestamp': String(TIMESTAMP + 1) };
    expect(verifier()(timestamp, BODY)).toEqual({ distrust: 'FORGED' });
  });
});

describe('what somebody else sends', () => {
  const hostile: [string, Record<string, string | string[] | undefined>][] = [
    ['nothing', {}],
    ['no id', { ...headers, 'webhook-id': undefined }],
    ['an empty id', { ...headers, 'webhook-id': '' }],
    ['an id that could end anywhere', { ...headers, 'webhook-id': `${ID}.1614265330` }],
    ['an endless id', { ...headers, 'webhook-id': 'x'.repeat(129) }],
    ['two ids', { ...headers, 'webhook-id': [ID, ID] }],
    ['no time', { ...headers, 'webhook-timestamp': undefined }],
    ['a word for a time', { ...headers, 'webhook-timestamp': 'hello' }],
    ['a fraction', { ...headers, 'webhook-timestamp': `${TIMESTAMP}.5` }],
    ['another way to write it', { ...headers, 'webhook-timestamp': ` ${TIMESTAMP}` }],
    ['a time without end', { ...headers, 'webhook-timestamp': '9'.repeat(400) }],
    ['no signature', { ...headers, 'webhook-signature': undefined }],
    ['an empty one', { ...headers, 'webhook-signature': '' }],
    ['only its version', { ...headers, 'webhook-signature': 'v1,' }],
    ['a part of it', { ...headers, 'webhook-signature': SIGNATURE.slice(0, 8) }],
    ['more than it', { ...headers, 'webhook-signature': `${SIGNATURE}AAAA` }],
    ['one that is not base64', { ...headers, 'webhook-signature': 'v1,dawfeoifkpqwoekfpqoekf' }],
    ['no version', { ...headers, 'webhook-signature': SIGNATURE.slice(3) }],
    ['another version', { ...headers, 'webhook-signature': SIGNATURE.replace('v1', 'v2') }],
    ["somebody else's", { ...headers, 'webhook-signature': ANOTHERS }],
    ['a thousand of them', { ...headers, 'webhook-signature': `${ANOTHERS} `.repeat(1_000) + SIGNATURE }],
  ];
  it.each(hostile)('is not believed: %s', (_what, sent) => {
    expect(verifier()(sent, BODY)).toHaveProperty('distrust');
  });
});
