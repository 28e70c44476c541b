import { invalidFields } from '@doa-market/common/errors';
import iconv from 'iconv-lite';

const UTF_16 = [Buffer.from('fffe', 'hex'), Buffer.from('feff', 'hex')];
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The text of a file: UTF-8, with or without the mark of Excel, or what Korean spreadsheets save without being asked
 * for something better (EUC-KR with the extension of Windows). @throws {ProblemError} 422 for any other
 */
export function textOf(file: Buffer): string {
  if (UTF_16.some((mark) => file.subarray(0, 2).equals(mark))) throw refused('is UTF-16: save it as UTF-8');
  const text = decode(file);
  if (text.includes('\0')) throw refused('is not text');
  return text;
}

function decode(file: Buffer): string {
  try {
    return utf8.decode(file);
  } catch {
    const text = iconv.decode(file, 'cp949');
    if (text.includes('\uFFFD')) throw refused('is neither UTF-8 nor EUC-KR: save it as UTF-8');
    return text;
  }
}

const refused = (message: string) => invalidFields([{ field: 'body', message }]);
