import { unavailable } from '@doa-market/common/errors';

/** What Redis answers. @throws {ProblemError} 503 where it does not */
export async function reachable<T>(command: Promise<T>): Promise<T> {
  try {
    return await command;
  } catch (error) {
    throw unavailable(error);
  }
}
