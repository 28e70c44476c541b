import { createHash } from 'node:crypto';
import { type Html, html, Html as Markup } from './html.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #16181d; --soft: #5b616e; --line: #8a909c; --paper: #fff; --ground: #f2f3f5; --accent: #1a56c4; --on: #fff; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ink: #f1f2f4; --soft: #a9b0bd; --line: #6d7480; --paper: #1d2026; --ground: #121419; --accent: #8fb4ff; --on: #10131a; --bad: #ff9c94 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 26rem; margin: 0 auto; padding: 1rem; min-height: 100vh; background: var(--paper) }
h1 { font-size: 1.25rem; margin: .5rem 0 }
.notice { border: 1px solid var(--line); border-radius: .5rem; padding: .625rem .75rem; color: var(--soft); font-size: .875rem; margin: 0 0 1rem }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 0 0 1.25rem }
dt { color: var(--soft) }
dd { margin: 0; text-align: right; overflow-wrap: anywhere }
.amount { font-size: 1.375rem; font-weight: 700 }
label { display: block; font-weight: 600; margin-bottom: .25rem }
input { width: 100%; min-height: 3rem; padding: 0 .75rem; font: inherit; font-size: 1.125rem; letter-spacing: .04em; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .5rem }
button, .button { display: block; width: 100%; min-height: 3rem; padding: .625rem; margin-top: .75rem; font: inherit; font-weight: 600; text-align: center; text-decoration: none; color: var(--on); background: var(--accent); border: 1px solid var(--accent); border-radius: .5rem; cursor: pointer }
.plain { color: var(--ink); background: transparent; border-color: var(--line) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
.error { color: var(--bad); margin: .25rem 0 0; font-weight: 600 }
details { margin-top: 1.25rem }
summary { min-height: 2.5rem; padding: .5rem 0; cursor: pointer; color: var(--soft) }
.card { display: flex; justify-content: space-between; gap: .75rem; min-height: 2.75rem; margin-top: .375rem; font-weight: 400 }
.card span:first-child { text-align: left }
.card span:last-child { font-variant-numeric: tabular-nums; white-space: nowrap }
`;

const digest = createHash('sha256').update(STYLE).digest('base64');

/** No script, nothing from elsewhere; a form may lead to us, and by us back to the shop. */
export const policyFor = (origins: readonly string[]): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${digest}'`,
    `form-action 'self' ${origins.join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const style = new Markup(`<style>${STYLE}</style>`);

export const page = (title: string, body: Html): string =>
  html`<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · 테스트 결제</title>
${style}
</head>
<body>
<main>
<h1>${title}</h1>
<p class="notice">개발용 가상 결제창입니다. 실제 카드는 받지 않으며, 돈이 오가지 않습니다. 실제 카드 번호를 입력하지 마세요.</p>
${body}
</main>
</body>
</html>
`.text;
