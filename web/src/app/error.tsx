'use client';

import { ErrorMessage } from '../components/error-message';

export default function ErrorPage() {
  return (
    <>
      <title>페이지를 불러오지 못했습니다 | DOA Market</title>
      <ErrorMessage retry={() => location.reload()} />
    </>
  );
}
