import type { Metadata } from 'next';
import { PageFrame } from '../components/frame/page-frame';
import { NotFoundMessage } from '../components/not-found-message';

export const metadata: Metadata = { title: '페이지를 찾을 수 없습니다' };

/** For an address that no route knows. */
export default function NotFound() {
  return (
    <PageFrame>
      <NotFoundMessage />
    </PageFrame>
  );
}
