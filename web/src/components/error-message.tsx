'use client';

import { button } from './button';
import { MessagePage } from './message-page';

/** Something of ours failed. Says so, and offers another try. */
export function ErrorMessage({ retry }: { retry: () => void }) {
  return (
    <MessagePage
      code="잠시 멈춤"
      title="페이지를 불러오지 못했습니다"
      action={
        <>
          <button type="button" onClick={retry} className={`${button.primary} cursor-pointer`}>
            다시 시도
          </button>
          {/* A full load on purpose: whatever failed here is left behind. */}
          <a href="/" className={button.quiet}>
            홈으로 가기
          </a>
        </>
      }
    >
      일시적인 문제입니다. 잠시 뒤에 다시 시도해 주세요.
    </MessagePage>
  );
}
