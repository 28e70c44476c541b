import type { Middleware } from 'koa';
import type { DevelopmentMailbox, ReceivedMail } from './development-mailbox.ts';
import { escaped } from './escaped.ts';

/**
 * `GET /dev/mail`, as a page or (`Accept: application/json`) as data; `?to=` for one address. Outside production alone:
 * whoever reads this can become anybody.
 */
export const developmentInbox =
  (mailbox: DevelopmentMailbox): Middleware =>
  async (ctx, next) => {
    if (ctx.path !== '/dev/mail' || ctx.method !== 'GET') return next();
    const { to } = ctx.query;
    const mails = (await mailbox.list()).filter((mail) => to === undefined || mail.to === to);
    ctx.body = ctx.accepts('html', 'json') === 'json' ? mails : pageOf(mails);
    if (typeof ctx.body === 'string') ctx.type = 'html';
  };

const pageOf = (mails: ReceivedMail[]) => `<!doctype html>
<html lang="ko">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mail</title>
<style>body { font: 1rem/1.5 system-ui; max-width: 40rem; margin: 2rem auto } pre { white-space: pre-wrap }</style>
<h1>Mail (${mails.length})</h1>
${mails.map(articleOf).join('\n')}
`;

const articleOf = ({ to, subject, text, sentAt }: ReceivedMail) => `<article>
<h2>${escaped(subject)}</h2>
<p>${escaped(to)} · <time>${escaped(sentAt)}</time></p>
<pre>${escaped(text).replace(/https?:\/\/\S+/g, '<a href="$&">$&</a>')}</pre>
</article>`;
