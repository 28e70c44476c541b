import { hash, verify } from '@node-rs/argon2';

/** OWASP's parameters for Argon2id (the library's default variant): 19 MiB, two passes, one lane. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * Checks passwords so that a stranger cannot tell an unknown member from a wrong password: with no hash to
 * check against, the same work is done on a hash of nobody's.
 */
export async function createPasswordCheck() {
  const nobodys = await hash('nobody has this password', ARGON2ID);

  return async function check(password: string, passwordHash: string | undefined): Promise<boolean> {
    const matches = await verify(passwordHash ?? nobodys, password);
    return matches && passwordHash !== undefined;
  };
}
export type PasswordCheck = Awaited<ReturnType<typeof createPasswordCheck>>;
