/** A failure whose message is all that its reader needs: shown as one line, without a stack. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

export function describe(error: unknown): string {
  if (error instanceof Failure) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
