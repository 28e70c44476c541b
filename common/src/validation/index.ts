import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import type { Static, TSchema } from 'typebox';
import { type FieldError, invalidFields } from '../errors/index.ts';

/** TypeBox sees to it that schemas are well-formed; to check it at every start takes some 25 ms. */
const options = {
  allErrors: false,
  useDefaults: true,
  removeAdditional: false,
  meta: false,
  validateSchema: false,
};

/** Text off the URL has no types, so it is coerced; a JSON body has, so it is not. */
export const urlValidation: Ajv = withFormats(new Ajv({ ...options, coerceTypes: 'array' }));
export const bodyValidation: Ajv = withFormats(new Ajv({ ...options, coerceTypes: false }));

function withFormats(validation: Ajv): Ajv {
  addFormats.default(validation);
  return validation;
}

type ValidationError = Pick<ErrorObject, 'instancePath' | 'message' | 'params'>;

/** What a caller is told of a failed check; `part` names what was checked where no field can be named. */
export function toFieldError({ instancePath, message, params }: ValidationError, part: string): FieldError {
  const property: unknown = params['missingProperty'] ?? params['additionalProperty'];
  const path = [...instancePath.split('/').slice(1), ...(typeof property === 'string' ? [property] : [])];
  return { field: path.join('.') || part, message: message ?? 'is invalid' };
}

/** A parser of request bodies. @throws {ProblemError} 422 naming the field that is wrong. */
export function bodyParserFor<T extends TSchema>(schema: T): (body: unknown) => Static<T> {
  const check = bodyValidation.compile<Static<T>>(schema);
  return (body) => {
    if (check(body)) return body;
    throw invalidFields((check.errors ?? []).map((error) => toFieldError(error, 'body')));
  };
}

/** A parser of what a URL carries; `part` names it. @throws {ProblemError} 422 naming the parameter that is wrong. */
export function urlParserFor<T extends TSchema>(schema: T, part: string): (values: object) => Static<T> {
  const check = urlValidation.compile<Static<T>>(schema);
  return (values) => {
    const copy: unknown = { ...values };
    if (check(copy)) return copy;
    throw invalidFields((check.errors ?? []).map((error) => toFieldError(error, part)));
  };
}

/** The same value without the blanks that people type around things, in whatever it is made of. */
export function trimmed<T>(value: T): T {
  if (typeof value === 'string') return value.trim() as T;
  if (Array.isArray(value)) return value.map((it: unknown) => trimmed(it)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, it]: [string, unknown]) => [name, trimmed(it)]),
  ) as T;
}
