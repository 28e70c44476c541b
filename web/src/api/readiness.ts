import 'server-only';
import type { Readiness } from '@doa-market/common/contracts';
import { request } from 'undici';
import { readEnvironment } from './environment';
import { log } from './log';

const PROBE_TIMEOUT = 2_000;
/** Probes that come together share one answer. */
const REUSE = 1_000;

let last: { at: number; answer: Promise<Readiness> } | undefined;

export function checkReadiness(): Promise<Readiness> {
  if (!last || Date.now() - last.at > REUSE) last = { at: Date.now(), answer: probe() };
  return last.answer;
}

/** Any answer from the gateway, even an error, shows that it is there. */
async function probe(): Promise<Readiness> {
  try {
    const { gatewayUrl } = readEnvironment(process.env);
    const { body } = await request(gatewayUrl, { signal: AbortSignal.timeout(PROBE_TIMEOUT) });
    await body.dump();
    return { status: 'ready', checks: { gateway: { status: 'up', required: true } } };
  } catch (error) {
    log('warn', 'the gateway does not answer', error);
    return {
      status: 'unavailable',
      checks: { gateway: { status: 'down', required: true, error: 'no answer' } },
    };
  }
}
