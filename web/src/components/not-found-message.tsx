import Link from 'next/link';
import { button } from './button';
import { MessagePage } from './message-page';

export function NotFoundMessage() {
  return (
    <MessagePage
      code="404"
      title="찾으시는 페이지가 없습니다"
      action={
        <>
          <Link href="/" prefetch={false} className={button.primary}>
            홈으로 가기
          </Link>
          <Link href="/categories" prefetch={false} className={button.quiet}>
            카테고리 보기
          </Link>
        </>
      }
    >
      주소가 바뀌었거나 판매가 끝난 상품일 수 있습니다. 카테고리에서 다시 찾아보세요.
    </MessagePage>
  );
}
