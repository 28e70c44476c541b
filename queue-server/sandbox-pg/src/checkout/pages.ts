import { CARDS } from '../payment/cards.ts';
import type { Payment } from '../payment/payment.ts';
import { type Html, html } from './html.ts';
import { page } from './layout.ts';

const grouped = (number: string): string => number.replace(/(\d{4})(?=\d)/g, '$1 ');

const amountOf = ({ amount, currency }: Payment): string =>
  currency === 'KRW' ? `${amount.toLocaleString('ko-KR')}원` : `${amount} ${currency}`;

const summary = (payment: Payment): Html => html`<dl>
<dt>주문</dt><dd>${payment.orderName}</dd>
<dt>결제 금액</dt><dd class="amount">${amountOf(payment)}</dd>
</dl>`;

const back = (url: string | undefined): Html | undefined =>
  url === undefined ? undefined : html`<p><a class="button" href="${url}">쇼핑몰로 돌아가기</a></p>`;

const pathOf = ({ id }: Payment, step: string): string => `/checkout/${id}/${step}`;

/** Where the card's number is entered; `error` says what was wrong with the last one. */
export const cardPage = (payment: Payment, error?: string): string =>
  page(
    '카드 결제',
    html`${summary(payment)}
<form method="post" action="${pathOf(payment, 'pay')}">
<label for="card">테스트 카드 번호</label>
<input id="card" name="card" inputmode="numeric" autocomplete="off" maxlength="23" placeholder="4242 4242 4242 4242" aria-describedby="card-error"${error === undefined ? undefined : html` aria-invalid="true" autofocus`}>
<p class="error" id="card-error" role="alert">${error ?? ''}</p>
<button>${amountOf(payment)} 결제하기</button>
<details>
<summary>테스트 카드 고르기</summary>
${CARDS.map(
  ({ number, label }) =>
    html`<button class="plain card" name="preset" value="${number}"><span>${label}</span><span>${grouped(number)}</span></button>
`,
)}</details>
</form>
<form method="post" action="${pathOf(payment, 'close')}"><button class="plain">결제 취소</button></form>`,
  );

/** The second page of 3-D Secure. */
export const challengePage = (payment: Payment): string =>
  page(
    '카드사 추가 인증',
    html`${summary(payment)}
<p>카드사가 본인 확인을 요청했습니다 (3-D Secure).</p>
<form method="post" action="${pathOf(payment, 'challenge')}">
<button name="result" value="pass">인증하기</button>
<button class="plain" name="result" value="fail">인증 실패</button>
</form>`,
  );

/** The end of it where there is no shop to go back to, or nothing to tell it. */
export const messagePage = (title: string, message: string, returnUrl?: string): string =>
  page(title, html`<p>${message}</p>${back(returnUrl)}`);
