import { hash, verify } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';
import { createLimiter } from './limiter.ts';

/** OWASP's parameters for Argon2id (the library's default variant): 19 MiB, two passes, one lane. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const CURRENT = '$argon2id$v=19$m=19456,t=2,p=1$';
const BCRYPT = /^\$2[aby]\$/;
/** bcrypt looks at no more of a password. */
const BCRYPT_BYTES = 72;

/** Two threads of libuv's four hash, so that names are still resolved and files read. */
const LIMITS = { concurrency: 2, queue: 200, patience: 3_000 };

/** NFC (NIST SP 800-63B-4 section 3.1.1.2): one password, however a keyboard composes 한글. */
const bytesOf = (password: string) => Buffer.from(password.normalize('NFC'));

/** Hashes and checks passwords, a few at a time. */
export async function createHashing() {
  const limit = createLimiter(LIMITS);
  const nobodys = await hash('nobody has this password', ARGON2ID);

  return {
    /** @throws {ProblemError} 503 when too many wait */
    hash: (password: string): Promise<string> => limit(() => hash(bytesOf(password), ARGON2ID)),
    /**
     * With no hash to check against, the same work is done on a hash of nobody's: a stranger cannot tell an unknown
     * member from a wrong password.
     * @throws {ProblemError} 503 when too many wait
     */
    verify: (password: string, passwordHash: string | null | undefined): Promise<boolean> =>
      limit(async () => {
        if (!passwordHash) {
          await verify(nobodys, bytesOf(password));
          return false;
        }
        if (BCRYPT.test(passwordHash)) return verifyBcrypt(bytesOf(password), passwordHash);
        return verify(passwordHash, bytesOf(password));
      }),
    /**
     * Whether the hash should be replaced by one of `password`, which it has just matched. A password that bcrypt has
     * not looked at to its end is not the member's for sure.
     */
    isOutdated(password: string, passwordHash: string): boolean {
      if (BCRYPT.test(passwordHash)) return bytesOf(password).length <= BCRYPT_BYTES;
      return !passwordHash.startsWith(CURRENT);
    },
  };
}
export type Hashing = Awaited<ReturnType<typeof createHashing>>;
