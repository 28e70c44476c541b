'use client';

import './globals.css';
import { ErrorMessage } from '../components/error-message';

/** The last resort, when even the layout failed: it brings its own document. */
export default function GlobalError() {
  return (
    <html lang="ko">
      <head>
        <title>페이지를 불러오지 못했습니다 | DOA Market</title>
      </head>
      <body>
        <main>
          <ErrorMessage retry={() => location.reload()} />
        </main>
      </body>
    </html>
  );
}
