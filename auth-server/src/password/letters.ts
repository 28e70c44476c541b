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

/** Mail about a member's password; an address without a member gets none. */
export function passwordLetters({ members, links, publicUrl }: Dependencies) {
  const reset: MailWriter = async (email) => {
    const member = await members.findByEmail(email);
    if (!member) return undefined;
    const token = await links.create(member);
    return letter({
      to: member.email,
      subject: '비밀번호를 다시 정해 주세요',
      paragraphs: [
        '아래 링크에서 새 비밀번호를 정하실 수 있습니다. 링크는 30분 동안 한 번만 쓸 수 있습니다.',
        '직접 요청하신 것이 아니라면 이 메일을 무시하셔도 됩니다. 비밀번호는 그대로입니다.',
      ],
      action: { label: '비밀번호 다시 정하기', url: `${publicUrl}/auth/reset-password#token=${token}` },
    });
  };
  const changed: MailWriter = async (email) =>
    letter({
      to: email,
      subject: '비밀번호가 바뀌었습니다',
      paragraphs: [
        '비밀번호가 바뀌어 다른 기기에서는 모두 로그아웃되었습니다.',
        '직접 바꾸신 것이 아니라면 바로 비밀번호를 다시 정해 주세요.',
      ],
      action: { label: '비밀번호 다시 정하기', url: `${publicUrl}/auth/forgot-password` },
    });
  return { 'password-reset': reset, 'password-changed': changed };
}
