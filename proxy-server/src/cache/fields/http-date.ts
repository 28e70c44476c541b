const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const MONTH = `(${MONTHS.join('|')})`;
const TIME = '(\\d{2}):(\\d{2}):(\\d{2})';
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)';

/** The one zone there is, by the names that RFC 9111 section 4.2 knows. */
const ZONE = '(?:GMT|UTC)';

/** Sun, 06 Nov 1994 08:49:37 GMT */
const IMF_FIXDATE = new RegExp(`^${DAY}, (\\d{2}) ${MONTH} (\\d{4}) ${TIME} ${ZONE}$`, 'i');
/** Sunday, 06-Nov-94 08:49:37 GMT */
const RFC_850 = new RegExp(`^${LONG_DAY}, (\\d{2})-${MONTH}-(\\d{2}) ${TIME} ${ZONE}$`, 'i');
/** Sun Nov  6 08:49:37 1994 */
const ASCTIME = new RegExp(`^${DAY} ${MONTH} ([ \\d]\\d) ${TIME} (\\d{4})$`, 'i');

const HALF_A_CENTURY = 50;

/**
 * Parses an HTTP-date in its three forms (RFC 9110 section 5.6.7). Their case does not matter to a cache (RFC 9111
 * section 4.2).
 * @param now milliseconds since the epoch; only the century of a two-digit year depends on it
 * @returns milliseconds since the epoch, or undefined where it is no date
 */
export function parseHttpDate(field: string | null, now = Date.now()): number | undefined {
  if (field === null) return undefined;
  const fixed = IMF_FIXDATE.exec(field);
  if (fixed) return utc(fixed[3], fixed[2], fixed[1], fixed.slice(4));
  const dashed = RFC_850.exec(field);
  if (dashed) return utc(`${fullYear(Number(dashed[3]), now)}`, dashed[2], dashed[1], dashed.slice(4));
  const plain = ASCTIME.exec(field);
  return plain ? utc(plain[6], plain[1], plain[2], plain.slice(3, 6)) : undefined;
}

/** A year that seems more than fifty years ahead is the last one with these digits. */
function fullYear(digits: number, now: number): number {
  const current = new Date(now).getUTCFullYear();
  const year = current - (current % 100) + digits;
  return year > current + HALF_A_CENTURY ? year - 100 : year;
}

function utc(year = '', month = '', day = '', time: string[] = []): number | undefined {
  const [hours = 0, minutes = 0, seconds = 0] = time.map(Number);
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined;
  const monthIndex = MONTHS.findIndex((name) => name.toLowerCase() === month.toLowerCase());
  const at = Date.UTC(Number(year), monthIndex, Number(day), hours, minutes, seconds);
  return new Date(at - 1_000 * seconds).getUTCMonth() === monthIndex ? at : undefined;
}

/** As IMF-fixdate, the one form to be sent. */
export const formatHttpDate = (milliseconds: number): string => new Date(milliseconds).toUTCString();
