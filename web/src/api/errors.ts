/** The gateway did not give a usable answer: down, too slow, failing, or of another shape than agreed. */
export class GatewayError extends Error {
  override name = 'GatewayError';
  readonly requestId: string;

  constructor(detail: string, requestId: string, options?: ErrorOptions) {
    super(`${detail} (request ${requestId})`, options);
    this.requestId = requestId;
  }
}

/** The gateway answered, and what was asked for does not exist. */
export class NotFoundError extends Error {
  override name = 'NotFoundError';
}

/** What was asked for has a new address. */
export class MovedError extends Error {
  override name = 'MovedError';
  readonly location: string;

  constructor(location: string) {
    super(`Moved to ${location}`);
    this.location = location;
  }
}
