import type { ReactNode } from 'react';
import { getNavigation } from '../../api/navigation';
import { PageFrame } from '../../components/frame/page-frame';

export default async function StoreLayout({ children }: { children: ReactNode }) {
  return <PageFrame categories={await getNavigation()}>{children}</PageFrame>;
}
