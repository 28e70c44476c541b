export interface Environment {
  gatewayUrl: string;
  basicKey: string;
  /** Milliseconds. */
  requestTimeout: number;
  /** Shows the gateway that one of the market's own servers asks: its pages are for everybody, so it has no limit. */
  firstPartyToken: string | undefined;
  /** The credential of who may say that pages are out of date. */
  revalidateToken: string;
}

const DEVELOPMENT = {
  gatewayUrl: 'http://127.0.0.1:8000',
  basicKey: 'doa-web:doa-web-development-secret',
  revalidateToken: 'doa-revalidate-development-token',
} as const;

export class EnvironmentError extends Error {
  override name = 'EnvironmentError';
  constructor(problems: string[]) {
    super(`The environment is not complete: ${problems.join('; ')}`);
  }
}

/**
 * What the server side of the storefront is told by its environment, with every problem named at once.
 * The development secrets are refused in production, unless the gateway is on this very machine.
 */
export function readEnvironment(env: Record<string, string | undefined>): Environment {
  const production = env['NODE_ENV'] === 'production';
  const gatewayUrl = env['KONG_GATEWAY_URL'] ?? (production ? undefined : DEVELOPMENT.gatewayUrl);
  const basicKey = env['AUTH_BASIC_KEY'] ?? (production ? undefined : DEVELOPMENT.basicKey);
  const revalidateToken = env['REVALIDATE_TOKEN'] ?? (production ? undefined : DEVELOPMENT.revalidateToken);
  const requestTimeout = Number(env['REQUEST_TIMEOUT'] ?? 5_000);

  const problems: string[] = [];
  if (!gatewayUrl || !URL.canParse(gatewayUrl)) problems.push('KONG_GATEWAY_URL must be a URL');
  else if (production && !isLoopback(gatewayUrl)) {
    if (basicKey === DEVELOPMENT.basicKey) problems.push('AUTH_BASIC_KEY must not be the development secret');
    if (revalidateToken === DEVELOPMENT.revalidateToken)
      problems.push('REVALIDATE_TOKEN must not be the development secret');
  }
  if (!basicKey?.includes(':')) problems.push('AUTH_BASIC_KEY must be `client:secret`');
  if (!revalidateToken || revalidateToken.length < 16)
    problems.push('REVALIDATE_TOKEN must be 16 characters or more');
  if (!(requestTimeout > 0)) problems.push('REQUEST_TIMEOUT must be a number of milliseconds');
  if (problems.length > 0 || !gatewayUrl || !basicKey || !revalidateToken)
    throw new EnvironmentError(problems);

  return {
    gatewayUrl: gatewayUrl.replace(/\/+$/, ''),
    basicKey,
    requestTimeout,
    firstPartyToken: env['WARMUP_TOKEN'] || undefined,
    revalidateToken,
  };
}

function isLoopback(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}
