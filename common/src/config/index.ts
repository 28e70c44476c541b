import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import { type Static, type TObject, type TSchema, Type } from 'typebox';

/** The environment of a server as one schema: its keys are the names of the variables. */

/** All that is wrong with the environment, in one error, so that one restart is enough to mend it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment is not complete:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

export const Port = (fallback: number) => Type.Integer({ minimum: 0, maximum: 65_535, default: fallback });

export const ServiceUrl = (fallback?: string) =>
  Type.String({ pattern: '^https?://[^/?#]+$', ...(fallback && { developmentDefault: fallback }) });

export const ConnectionUrl = (scheme: 'postgresql' | 'redis', fallback: string) =>
  Type.String({ pattern: `^${scheme === 'redis' ? 'rediss?' : scheme}://`, developmentDefault: fallback });

/** One Redis, or some nodes of a cluster: `redis+cluster://host:port,host:port`. */
export const AnyRedisUrl = Type.String({ pattern: '^rediss?(\\+cluster)?://' });

export const Milliseconds = (fallback: number) =>
  Type.Integer({ minimum: 1, maximum: 600_000, default: fallback, description: 'milliseconds' });

/** A secret has a default in development alone; production refuses to start without one of its own. */
export const Secret = (developmentDefault: string, bounds: { minLength?: number; pattern?: string } = {}) =>
  Type.String({ minLength: 16, ...bounds, developmentDefault, secret: true });

/** What every server reads. */
export const ServerConfig = {
  NODE_ENV: Type.Enum(['development', 'test', 'production'], { default: 'development' }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info' }),
  HOST: Type.String({ minLength: 1, default: '127.0.0.1' }),
  SHUTDOWN_TIMEOUT: Milliseconds(10_000),
  REQUEST_TIMEOUT: Milliseconds(3_000),
};

/** What a server needs to verify the tokens of its callers, and to know which sessions were ended. */
export const TokenConfig = {
  AUTH_SERVICE_URL: ServiceUrl('http://127.0.0.1:4000'),
  JWT_ISSUER: Type.String({ minLength: 1, default: 'https://auth.doa.market' }),
  REDIS_URL: ConnectionUrl('redis', 'redis://127.0.0.1:6380'),
};

const ajv = addFormats.default(
  new Ajv({
    allErrors: true,
    coerceTypes: true,
    useDefaults: true,
    removeAdditional: true,
    strict: true,
    // TypeBox sees to it that schemas are well-formed; to check it at every start takes some 25 ms.
    meta: false,
    validateSchema: false,
  }),
);
ajv.addKeyword({ keyword: 'developmentDefault', schemaType: 'string' });
ajv.addKeyword({ keyword: 'secret', schemaType: 'boolean' });

/**
 * The typed, frozen environment. Empty variables count as unset (compose writes `NAME=`).
 * @throws {ConfigError} naming every variable that is missing or bad; values are never repeated.
 */
export function loadConfig<T extends TObject>(
  schema: T,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Static<T>> {
  const production = env['NODE_ENV'] === 'production';
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, property] of Object.entries<TSchema>(schema.properties)) {
    const { developmentDefault, secret } = property as { developmentDefault?: string; secret?: boolean };
    const value = env[name] || (production ? undefined : developmentDefault);
    if (value !== undefined) values[name] = value;
    if (production && secret && value !== undefined && value === developmentDefault) {
      problems.push(`${name} is the development default, which production must not use`);
    }
  }
  // `removeAdditional` needs the schema to say that nothing else belongs to it.
  const validate = ajv.compile({ ...schema, additionalProperties: false });
  if (!validate(values)) problems.push(...(validate.errors ?? []).map(describe));
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(values) as Readonly<Static<T>>;
}

function describe(error: ErrorObject): string {
  const { missingProperty, allowedValues } = error.params as {
    missingProperty?: string;
    allowedValues?: unknown[];
  };
  if (missingProperty) return `${missingProperty} is missing`;
  const name = error.instancePath.slice(1);
  return `${name} ${error.message}${allowedValues ? `: ${allowedValues.join(', ')}` : ''}`;
}
