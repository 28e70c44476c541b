/** A refusal as PortOne words it: a type, and the status that goes with it. */
export class PortOneError extends Error {
  override readonly name = 'PortOneError';
  readonly status: number;
  readonly type: string;
  readonly details: Record<string, string>;

  constructor(status: number, type: string, message: string, details: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.type = type;
    this.details = details;
  }

  toBody(): Record<string, string> {
    return { type: this.type, message: this.message, ...this.details };
  }
}

export const invalidRequest = (message: string) => new PortOneError(400, 'INVALID_REQUEST', message);
export const unauthorized = () => new PortOneError(401, 'UNAUTHORIZED', '인증 정보가 올바르지 않습니다.');
export const forbidden = () => new PortOneError(403, 'FORBIDDEN', '접근 권한이 없는 상점입니다.');
export const paymentNotFound = () =>
  new PortOneError(404, 'PAYMENT_NOT_FOUND', '결제 건이 존재하지 않습니다.');
export const alreadyPaid = () => new PortOneError(409, 'ALREADY_PAID', '이미 결제된 건입니다.');
export const notPaid = () => new PortOneError(409, 'PAYMENT_NOT_PAID', '결제가 완료되지 않았습니다.');
export const alreadyCancelled = () =>
  new PortOneError(409, 'PAYMENT_ALREADY_CANCELLED', '이미 취소된 결제입니다.');
export const exceedsCancellable = () =>
  new PortOneError(409, 'CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT', '취소 가능 금액을 초과했습니다.');
export const cancellableChanged = () =>
  new PortOneError(409, 'CANCELLABLE_AMOUNT_CONSISTENCY_BROKEN', '취소 가능 잔액이 일치하지 않습니다.');
export const outstandingRequest = () =>
  new PortOneError(409, 'IDEMPOTENCY_OUTSTANDING_REQUEST', '같은 멱등 키의 요청을 처리하고 있습니다.');
export const keyMismatch = () =>
  new PortOneError(422, 'IDEMPOTENCY_KEY_MISMATCH', '다른 요청에 사용된 멱등 키입니다.');
export const providerError = () =>
  new PortOneError(502, 'PG_PROVIDER', 'PG사에서 오류를 전달했습니다.', {
    pgCode: 'UNAVAILABLE',
    pgMessage: '일시적인 오류입니다.',
  });
export const full = () => new PortOneError(503, 'SANDBOX_FULL', '더 등록할 수 없습니다.');
