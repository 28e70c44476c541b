/** One address is one account, however it is written. */
export const accountOf = (email: string): string => email.normalize('NFC').toLowerCase();
