import { UpstreamError } from '@doa-market/common/http';

/** What `call` gives; where the other server said no to what was asked, its own words. @throws {ProblemError} {UpstreamError} */
export async function orRefusal<T>(call: Promise<T>): Promise<T> {
  return call.catch((error: unknown): never => {
    throw (error instanceof UpstreamError ? error.toRefusal() : undefined) ?? error;
  });
}
