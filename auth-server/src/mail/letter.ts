import { escaped } from './escaped.ts';
import type { Mail } from './mailer.ts';

interface Letter {
  to: string;
  subject: string;
  paragraphs: string[];
  /** What the reader is asked to do. */
  action?: { label: string; url: string };
}

const SIGNATURE = 'DOA Market 드림';

/** A mail of ours. Nothing of what a stranger may have typed is in it: it would be spam with our name on it. */
export function letter({ to, subject, paragraphs, action }: Letter): Mail {
  const lines = [...paragraphs, ...(action ? [`${action.label}\n${action.url}`] : []), SIGNATURE];
  const html = [
    ...paragraphs.map((it) => `<p>${escaped(it)}</p>`),
    ...(action ? [`<p><a href="${escaped(action.url)}">${escaped(action.label)}</a></p>`] : []),
    `<p>${SIGNATURE}</p>`,
  ];
  return {
    to,
    subject: `[DOA Market] ${subject}`,
    text: `${lines.join('\n\n')}\n`,
    html: `<!doctype html>\n<html lang="ko">\n<meta charset="utf-8">\n${html.join('\n')}\n</html>\n`,
  };
}
