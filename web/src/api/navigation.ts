import 'server-only';
import { tag } from '@doa-market/common/cache-manifest';
import type { CategoryCard } from '../domains/catalogue/models';
import { getCategories } from './catalogue';
import { DEGRADED, keepPage } from './lifetime';
import { log } from './log';

/** The categories to go on to. Without them a page is poorer, not broken: it is shown, and made again soon. */
export async function getNavigation(): Promise<CategoryCard[]> {
  try {
    return await getCategories();
  } catch (error) {
    log('warn', 'navigation is missing', error);
    await keepPage([tag.navigation], DEGRADED);
    return [];
  }
}
