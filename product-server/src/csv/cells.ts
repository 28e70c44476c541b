/** How single values are written into cells, and read back as they were. */

/** What spreadsheets take for a formula, and what stands before it in a cell that was made harmless. */
const FORMULA = /^'*[=+\-@\t\r]/;
const NEUTRALISED = /^'+[=+\-@\t\r]/;

/** A cell that no spreadsheet runs, quoted where it has to be (RFC 4180). */
export function toCell(value: string): string {
  const harmless = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** The value that toCell made harmless; line ends as the shop has them. */
export const fromCell = (cell: string): string =>
  (NEUTRALISED.test(cell) ? cell.slice(1) : cell).replaceAll('\r\n', '\n').trim();

/** Several values in one cell: `a|b`, where a backslash takes away the meaning of what follows. */
export const toList = (values: readonly string[]): string =>
  values.map((value) => value.replace(/[\\|;=]/g, '\\$&')).join('|');

export const fromList = (cell: string): string[] => (cell === '' ? [] : split(cell, '|').map(unescaped));

/** `색상=오트밀|숯;크기=소|대` */
export const toOptions = (options: readonly { name: string; values: string[] }[]): string =>
  options.map(({ name, values }) => `${toList([name])}=${toList(values)}`).join(';');

/** An option without a `=` has no values, which its schema will not have. */
export const fromOptions = (cell: string): { name: string; values: string[] }[] =>
  split(cell, ';').map((part) => {
    const [name = '', ...values] = split(part, '=');
    return { name: unescaped(name), values: values.flatMap(fromList) };
  });

/** Parts at `separator`, still escaped, each without the blanks around it. */
function split(text: string, separator: string): string[] {
  const parts = [''];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === separator) parts.push('');
    else {
      const escaped = character === '\\' ? text.slice(at, at + 2) : character;
      parts[parts.length - 1] += escaped;
      at += escaped.length - 1;
    }
  }
  return parts.map((part) => part.trim());
}

const unescaped = (part: string): string => part.replace(/\\(.)/gs, '$1');
