import { revalidateTag } from 'next/cache';
import { readEnvironment } from '../../../api/environment';
import { rendersUnderWay } from '../../../api/renders';
import { mayRevalidate, tagsIn } from '../../../api/revalidation';

export const dynamic = 'force-dynamic';

/** Milliseconds that renders which began before are waited for. */
const PATIENCE = 1_000;

const answer = (status: number, headers: Record<string, string> = {}) =>
  new Response(null, { status, headers: { 'Cache-Control': 'private, no-store', ...headers } });

/** Forgets every page with one of the tags; bff-server asks, when what they show has changed. */
export async function POST(request: Request) {
  if (!mayRevalidate(request.headers, readEnvironment(process.env).revalidateToken)) {
    return answer(401, { 'WWW-Authenticate': 'Bearer realm="revalidate"' });
  }
  const tags = await tagsIn(request);
  if (!tags) return answer(422);
  // What was asked for a moment ago and is being made is not kept, but would be given to whoever asks now.
  const underWay = rendersUnderWay(PATIENCE);
  for (const tag of tags) revalidateTag(tag, { expire: 0 });
  await underWay;
  return answer(204);
}
