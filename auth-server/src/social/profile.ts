import { EmailSchema } from '@doa-market/common/contracts';
import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';

/** What a provider tells of somebody, in our words. */
export interface Profile {
  email?: string;
  /** Whether the provider itself says that the address is theirs. */
  emailVerified: boolean;
  name?: string;
}

const optional = Type.Optional;

/** OpenID Connect Core section 5.1 */
export const STANDARD_CLAIMS = Type.Object({
  email: optional(Type.String()),
  email_verified: optional(Type.Boolean()),
  name: optional(Type.String()),
});

/**
 * `GET https://kapi.kakao.com/v2/user/me`. Kakao's ID token has the address but not whether it was proved.
 * `is_email_valid` is false once another account took the address over.
 * https://developers.kakao.com/docs/latest/en/kakaologin/rest-api#req-user-info
 */
const KakaoUserSchema = Type.Object({
  id: Type.Integer(),
  kakao_account: optional(
    Type.Object({
      email: optional(Type.String()),
      is_email_valid: optional(Type.Boolean()),
      is_email_verified: optional(Type.Boolean()),
      profile: optional(Type.Object({ nickname: optional(Type.String()) })),
    }),
  ),
});

/**
 * `GET https://openapi.naver.com/v1/nid/me`: wrapped, and without a word on whether the address was proved; members may
 * replace their naver.com address by any other. https://developers.naver.com/docs/login/profile/profile.md
 */
const NaverUserSchema = Type.Object({
  resultcode: Type.Literal('00'),
  response: Type.Object({
    email: optional(Type.String()),
    name: optional(Type.String()),
    nickname: optional(Type.String()),
  }),
});

/** @throws {Error} when the answer is none of the provider's */
function reader<T extends TSchema>(schema: T, present: (value: Static<T>, subject: string) => Profile) {
  const validator = Compile(schema);
  return (value: unknown, subject: string): Profile =>
    withoutWhatIsNone(present(validator.Parse(value), subject));
}

export const readStandardClaims = reader(STANDARD_CLAIMS, ({ email, email_verified, name }) =>
  profileOf(email, email_verified === true, name),
);

export const readKakaoUser = reader(KakaoUserSchema, ({ id, kakao_account: account }, subject) => {
  if (String(id) !== subject) throw new Error('the profile is of somebody else');
  const verified = account?.is_email_valid === true && account.is_email_verified === true;
  return profileOf(account?.email, verified, account?.profile?.nickname);
});

export const readNaverUser = reader(NaverUserSchema, ({ response: { email, name, nickname } }) =>
  profileOf(email, false, name ?? nickname),
);

const profileOf = (email: string | undefined, emailVerified: boolean, name: string | undefined): Profile => ({
  ...(email !== undefined && { email }),
  emailVerified,
  ...(name !== undefined && { name }),
});

const emailValidator = Compile(EmailSchema);
const MAX_NAME = 100;

/** An address or a name that we could not store is as good as none. */
function withoutWhatIsNone({ email, emailVerified, name }: Profile): Profile {
  const plain = name
    ?.replace(/\p{Cc}/gu, '')
    .trim()
    .normalize('NFC')
    .slice(0, MAX_NAME);
  return profileOf(emailValidator.Check(email) ? email : undefined, emailVerified, plain || undefined);
}
