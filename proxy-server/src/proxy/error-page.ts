const MESSAGES: Readonly<Record<number, { title: string; text: string }>> = {
  502: {
    title: '페이지를 불러오지 못했어요',
    text: '서버와 연결이 잠시 끊겼어요. 잠시 뒤에 다시 시도해 주세요.',
  },
  503: {
    title: '잠시 쉬어 가는 중이에요',
    text: '서비스를 잠시 이용할 수 없어요. 금방 돌아올게요.',
  },
  504: {
    title: '응답이 늦어지고 있어요',
    text: '지금 방문하신 분이 많아 응답이 늦어지고 있어요. 잠시 뒤에 다시 시도해 주세요.',
  },
};
const OTHERWISE = { title: '문제가 생겼어요', text: '잠시 뒤에 다시 시도해 주세요.' };

/** A page that needs nothing from any server: its styles are its own, and it has no script. */
export function errorPage(status: number, requestId: string): string {
  const { title, text } = MESSAGES[status] ?? OTHERWISE;
  return `<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} | DOA Market</title>
<style>
:root { color-scheme: light dark; font-family: Pretendard, "Apple SD Gothic Neo", "Malgun Gothic", system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: Canvas; color: CanvasText; }
main { max-width: 28rem; padding: 2rem; text-align: center; line-height: 1.6; word-break: keep-all; }
p.brand { font-weight: 800; letter-spacing: -0.02em; }
h1 { font-size: 1.5rem; }
a { display: inline-block; margin-top: 1rem; padding: 0.75rem 1.5rem; border: 1px solid; border-radius: 999px; color: inherit; text-decoration: none; }
small { display: block; margin-top: 2rem; opacity: 0.75; }
</style>
</head>
<body>
<main>
<p class="brand">DOA Market</p>
<h1>${title}</h1>
<p>${text}</p>
<a href="">다시 시도하기</a>
<small>${status} · 문의 번호 ${requestId}</small>
</main>
</body>
</html>
`;
}
