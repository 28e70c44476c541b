const won = new Intl.NumberFormat('ko-KR');

/** `129000` as `129,000원`: KRW has no minor unit. */
export function formatWon(amount: number): string {
  return `${won.format(amount)}원`;
}

/** A count in Korean grouping, such as `1,284`. */
export function formatCount(count: number): string {
  return won.format(count);
}
