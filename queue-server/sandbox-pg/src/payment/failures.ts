import type { Failure } from './payment.ts';

const provider = (pgCode: string, message: string): Failure => ({ code: 'PGProviderError', pgCode, message });

export const declined = provider('DECLINED', '카드사에서 거절했습니다.');
export const insufficientFunds = provider('INSUFFICIENT_FUNDS', '잔액이 부족합니다.');
export const notAuthenticated = provider('AUTHENTICATION_FAILED', '추가 인증에 실패했습니다.');
export const timedOut = provider('TIMEOUT', '카드사가 응답하지 않았습니다.');
export const expired = provider('EXPIRED', '결제 시간이 지났습니다.');
export const closedByBuyer = provider('CANCELLED_BY_BUYER', '사용자가 결제를 취소했습니다.');
export const notConfirmed = (message: string): Failure => ({
  code: 'ConfirmProcessFailed',
  pgCode: 'CONFIRM_REFUSED',
  message,
});
