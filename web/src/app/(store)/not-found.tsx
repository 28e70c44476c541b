import type { Metadata } from 'next';

export { NotFoundMessage as default } from '../../components/not-found-message';

export const metadata: Metadata = { title: '페이지를 찾을 수 없습니다' };
