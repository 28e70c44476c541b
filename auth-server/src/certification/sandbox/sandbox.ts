import { createHash } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { CertificationSchema } from '@doa-market/common/contracts';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { pageOf } from './page.ts';

export interface SandboxOptions {
  apiSecret: string;
  storeId: string;
  channelKey: string;
  /** The storefront's origin: where its page may lead back to. */
  publicUrl: string;
}

const { name, birthDate, phone } = CertificationSchema.properties;
const FormSchema = Type.Object({ result: Type.Enum(['verify', 'fail']), name, birthDate, phone });
type Form = Static<typeof FormSchema>;
const formValidator = Compile(FormSchema);

const API = /^\/identity-verifications\/([\w-]{1,100})$/;
const PAGE = /^\/pages\/identity-verifications\/([\w-]{1,100})$/;
const MAX_FORM = 10_000;

/**
 * PortOne V2 as far as identity verification needs it: the REST endpoint, and in place of its script and the agency a
 * page on which anybody says who they are. For development and tests; production does not have it.
 */
export function createSandbox({
  apiSecret,
  storeId,
  channelKey,
  publicUrl,
}: SandboxOptions): RequestListener {
  const verifications = new Map<string, object>();

  function verification(id: string, form: Form): object {
    const at = new Date().toISOString();
    const common = { id, requestedAt: at, updatedAt: at, statusChangedAt: at, version: 'V2' };
    const channel = { type: 'TEST', key: channelKey, pgProvider: 'DANAL', pgMerchantId: 'sandbox' };
    if (form.result === 'fail') {
      return {
        ...common,
        status: 'FAILED',
        channel,
        requestedCustomer: {},
        failure: { reason: '본인인증 실패' },
      };
    }
    const verifiedCustomer = {
      name: form.name,
      birthDate: form.birthDate,
      phoneNumber: form.phone,
      ci: digest('sha512', form),
      di: digest('sha384', form),
    };
    return {
      ...common,
      status: 'VERIFIED',
      channel,
      verifiedCustomer,
      verifiedAt: at,
      pgTxId: id,
      pgRawResponse: '{}',
    };
  }

  function answerApi(request: IncomingMessage, response: ServerResponse, url: URL, id: string): void {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    if (request.headers.authorization !== `PortOne ${apiSecret}`) {
      answer(401, { type: 'UNAUTHORIZED' });
    } else if ((url.searchParams.get('storeId') ?? storeId) !== storeId) {
      answer(403, { type: 'FORBIDDEN' });
    } else {
      const found = verifications.get(id);
      answer(found ? 200 : 404, found ?? { type: 'IDENTITY_VERIFICATION_NOT_FOUND' });
    }
  }

  async function answerPage(request: IncomingMessage, response: ServerResponse, url: URL, id: string) {
    const redirectUrl = url.searchParams.get('redirectUrl') ?? publicUrl;
    if (!URL.canParse(redirectUrl) || new URL(redirectUrl).origin !== publicUrl) {
      response.writeHead(400).end();
    } else if (request.method === 'POST') {
      const form: unknown = Object.fromEntries(new URLSearchParams(await bodyOf(request)));
      if (!formValidator.Check(form)) {
        response.writeHead(422).end();
        return;
      }
      verifications.set(id, verification(id, form));
      const location = new URL(redirectUrl);
      location.searchParams.set('identityVerificationId', id);
      response.writeHead(303, { Location: location.href }).end();
    } else {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(pageOf());
    }
  }

  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://sandbox');
    const [, asked] = API.exec(url.pathname) ?? [];
    const [, shown] = PAGE.exec(url.pathname) ?? [];
    if (asked !== undefined && request.method === 'GET') answerApi(request, response, url, asked);
    else if (shown !== undefined) answerPage(request, response, url, shown).catch(() => response.destroy());
    else response.writeHead(404).end();
  };
}

/** The same person has the same ids, whatever number they are called at. */
const digest = (algorithm: string, { name: who, birthDate: born }: Form): string =>
  createHash(algorithm).update(`${who}|${born}`).digest('base64');

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > MAX_FORM) throw new Error('the form is too long');
  }
  return body;
}
