import { readEnvironment } from './environment';
import { log } from './log';

/** A server that cannot work does not start. A build is no server. */
export function checkEnvironment(): void {
  if (process.env['NEXT_PHASE'] === 'phase-production-build') return;
  try {
    readEnvironment(process.env);
  } catch (error) {
    log('error', 'the storefront does not start', error);
    process.exit(1);
  }
}
