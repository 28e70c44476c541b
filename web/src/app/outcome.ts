import 'server-only';
import { notFound, permanentRedirect } from 'next/navigation';
import { MovedError, NotFoundError } from '../api/errors';

const SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/**
 * The page at `slug`, or what HTTP has to say instead: 404 when there is none, 308 when it moved to a new slug.
 * A text that cannot be a slug is not asked for. Everything else is an error, which Next.js answers with a 5xx or
 * the last good page.
 */
export async function findPage<T>(path: string, slug: string, get: (slug: string) => Promise<T>): Promise<T> {
  if (!SLUG.test(slug)) notFound();
  try {
    return await get(slug);
  } catch (error) {
    if (error instanceof NotFoundError) notFound();
    if (error instanceof MovedError) {
      const moved = error.location.split('/').pop() ?? '';
      if (SLUG.test(moved)) permanentRedirect(`${path}/${moved}`);
    }
    throw error;
  }
}
