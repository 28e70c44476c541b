import { letter } from '../mail/letter.ts';
import type { MailWriter } from '../mail/worker.ts';
import type { Members } from '../member/client.ts';
import type { EmailCodes } from './email-codes.ts';

interface Dependencies {
  members: Members;
  codes: EmailCodes;
  /** The storefront's origin. */
  publicUrl: string;
}

/** Mail to an address that somebody has at a provider which does not vouch for it. */
export function socialLetters({ members, codes, publicUrl }: Dependencies) {
  const hasAccount = (to: string) =>
    letter({
      to,
      subject: '이미 가입된 이메일 주소입니다',
      paragraphs: [
        '소셜 로그인으로 이 주소의 회원 가입이 요청되었지만, 이미 계정이 있습니다. 로그인하신 뒤 계정에 연결하실 수 있습니다.',
        '직접 요청하신 것이 아니라면 이 메일을 무시하셔도 됩니다. 계정은 그대로입니다.',
      ],
      action: { label: '로그인', url: `${publicUrl}/auth/login` },
    });
  const withCode = (to: string, code: string) =>
    letter({
      to,
      subject: '이메일 확인 번호',
      paragraphs: [
        `확인 번호: ${code}`,
        '가입 화면에 입력해 주세요. 번호는 30분 동안 한 번만 쓸 수 있습니다.',
        '직접 가입하시는 것이 아니라면 아무에게도 알려 주지 마세요. DOA Market은 번호를 묻지 않습니다.',
      ],
    });

  const ofSocialRegistration: MailWriter = async (email) => {
    const member = await members.findByEmail(email);
    return member?.emailVerified ? hasAccount(member.email) : withCode(email, await codes.create(email));
  };
  return { 'social-registration': ofSocialRegistration };
}
