import { invalidFields, ProblemError } from '@doa-market/common/errors';
import type { Request } from 'koa';
import type { Static, TSchema } from 'typebox';
import type { Validator } from 'typebox/compile';

/**
 * The JSON body, checked.
 * @throws {ProblemError} 415 for another media type, 422 naming every field that is wrong.
 */
export function parseBody<T extends TSchema>(
  request: Request,
  validator: Validator<Record<never, never>, T>,
): Static<T> {
  // A form can be posted from any site without a preflight; JSON can not.
  if (!request.is('application/json')) {
    throw new ProblemError(415, 'REQ_4150', 'The request body must be application/json.');
  }
  const { body } = request;
  if (!validator.Check(body)) {
    throw invalidFields(
      validator.Errors(body).map(({ instancePath, message }) => ({
        field: instancePath.slice(1).replaceAll('/', '.') || 'body',
        message,
      })),
    );
  }
  return body;
}
