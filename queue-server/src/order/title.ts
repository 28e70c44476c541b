/** Characters that a title has at most. */
const LONGEST = 200;

/** A title as far as there is room for it; never half of a character. */
export const shortened = (title: string): string => Array.from(title).slice(0, LONGEST).join('');
