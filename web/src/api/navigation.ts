import 'server-only';
import type { CategoryLink } from '../domains/catalogue/models';
import { getCategories } from './catalogue';
import { DEGRADED, keepPage } from './lifetime';
import { log } from './log';

/** The categories of header and footer. Without them a page is poorer, not broken: it is shown, and made again soon. */
export async function getNavigation(): Promise<CategoryLink[]> {
  try {
    const categories = await getCategories();
    return categories.map(({ href, name }) => ({ href, name }));
  } catch (error) {
    log('warn', 'navigation is missing', error);
    await keepPage(['categories'], DEGRADED);
    return [];
  }
}
