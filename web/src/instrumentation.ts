import type { Instrumentation } from 'next';

// Next compiles this file for the edge runtime too: what needs Node is in a file of its own.

export async function register(): Promise<void> {
  if (process.env['NEXT_RUNTIME'] !== 'nodejs') return;
  const { checkEnvironment } = await import('./api/startup');
  checkEnvironment();
}

/** Names the page and the kind of render beside Next's own report, which knows neither. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env['NEXT_RUNTIME'] !== 'nodejs') return;
  const { log } = await import('./api/log');
  log('error', `${request.method} ${request.path} failed (${context.revalidateReason ?? 'render'})`, error);
};
