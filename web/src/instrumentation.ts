/** A server that cannot work does not start. */
export async function register(): Promise<void> {
  if (process.env['NEXT_RUNTIME'] !== 'nodejs' || process.env['NEXT_PHASE'] === 'phase-production-build')
    return;
  const { readEnvironment } = await import('./api/environment');
  readEnvironment(process.env);
}
