import type { Answer } from './shop.ts';

/** Asks again while the server is too busy to begin, as a client does that heeds Retry-After. */
export async function insist(send: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await send();
    if (answer.status !== 503) return answer;
  }
}
