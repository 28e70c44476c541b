import type { Links } from '../links/links.ts';
import { letter } from '../mail/letter.ts';
import type { MailWriter } from '../mail/worker.ts';
import type { Members } from '../member/client.ts';

interface Dependencies {
  members: Members;
  links: Links;
  /** The storefront's origin. */
  publicUrl: string;
}

/** Mail to whoever says that an address is theirs. */
export function emailLetters({ members, links, publicUrl }: Dependencies) {
  async function verification(
    { memberId, passwordHash }: { memberId: string; passwordHash: string | null },
    to: string,
  ) {
    const token = await links.create({ memberId, passwordHash });
    return letter({
      to,
      subject: '이메일 주소를 확인해 주세요',
      paragraphs: [
        '아래 링크를 누르면 가입이 완료됩니다. 링크는 24시간 동안 한 번만 쓸 수 있습니다.',
        '방금 직접 가입하신 것이 아니라면 누르지 마세요. 아무 일도 일어나지 않습니다.',
      ],
      action: { label: '이메일 주소 확인', url: `${publicUrl}/auth/verify-email#token=${token}` },
    });
  }
  const alreadyMember = (to: string) =>
    letter({
      to,
      subject: '이미 가입된 이메일 주소입니다',
      paragraphs: [
        '이 주소로 회원 가입이 요청되었지만, 이미 계정이 있습니다. 비밀번호를 잊으셨다면 새로 정하실 수 있습니다.',
        '직접 요청하신 것이 아니라면 이 메일을 무시하셔도 됩니다. 계정은 그대로입니다.',
      ],
      action: { label: '로그인', url: `${publicUrl}/auth/login` },
    });

  const ofRegistration: MailWriter = async (email) => {
    const member = await members.findByEmail(email);
    if (!member) return undefined;
    return member.emailVerified ? alreadyMember(member.email) : verification(member, member.email);
  };
  const ofVerification: MailWriter = async (email) => {
    const member = await members.findByEmail(email);
    return member && !member.emailVerified ? verification(member, member.email) : undefined;
  };
  return { registration: ofRegistration, verification: ofVerification };
}
