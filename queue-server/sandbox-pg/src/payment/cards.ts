/** What a test card does. Milliseconds and won. */
export interface Card {
  number: string;
  /** What it does, in one word, for programs. */
  name: CardName;
  /** For the buyer who has to choose one. */
  label: string;
}
export type CardName =
  | 'approve'
  | 'decline'
  | 'insufficient-funds'
  | 'slow'
  | 'three-d-secure'
  | 'timeout-before-capture'
  | 'timeout-after-capture'
  | 'wrong-amount'
  | 'wrong-currency';

export const CARDS: readonly Card[] = [
  { number: '4242424242424242', name: 'approve', label: '승인' },
  { number: '4000000000000002', name: 'decline', label: '거절' },
  { number: '4000000000009995', name: 'insufficient-funds', label: '잔액 부족' },
  { number: '4000000000000077', name: 'slow', label: '느린 승인 (8초)' },
  { number: '4000000000003220', name: 'three-d-secure', label: '추가 인증 (3-D Secure)' },
  { number: '4000000000000119', name: 'timeout-before-capture', label: '응답 없음 (승인 전)' },
  { number: '4000000000000259', name: 'timeout-after-capture', label: '응답 없음 (승인 후)' },
  { number: '4000000000000341', name: 'wrong-amount', label: '다른 금액으로 승인' },
  { number: '4000000000000408', name: 'wrong-currency', label: '다른 통화로 승인' },
];

/** How long the slow card takes. */
export const SLOW = 8_000;
/** For how long nobody hears of a payment that timed out. */
export const SILENCE = 60_000;
/** What the wrong amount is short of, unless that is all of it. */
export const SHORT = 1_000;

/** A test card by its number (blanks and hyphens are let be) or its name. */
export function findCard(numberOrName: string): Card | undefined {
  const text = numberOrName.replace(/[\s-]/g, '');
  return CARDS.find(({ number, name }) => number === text || name === numberOrName);
}

export const masked = ({ number }: Card): string => `**** **** **** ${number.slice(-4)}`;
