import { PageFrame } from '../components/frame/page-frame';
import { NotFoundMessage } from '../components/not-found-message';

/** For an address that no route knows. */
export default function NotFound() {
  return (
    <PageFrame>
      <NotFoundMessage />
    </PageFrame>
  );
}
