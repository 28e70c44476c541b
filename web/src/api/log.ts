/** One JSON line on standard error: standard output belongs to Next.js. */
export function log(level: 'warn' | 'error', message: string, error: unknown): void {
  const detail =
    error instanceof Error ? { name: error.name, message: error.message } : { message: String(error) };
  process.stderr.write(
    `${JSON.stringify({ level, time: new Date().toISOString(), msg: message, err: detail })}\n`,
  );
}
