import { randomInt } from 'node:crypto';

/** Nothing that is read as something else at the door: no I, L, O, U, 0 or 1. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTVWXYZ23456789';
const GROUPS = 3;
const GROUP = 4;

/** `K7QM-2XW9-4TRB`: 59 random bits, which nobody guesses at a door. */
export const ticketCode = (): string =>
  Array.from({ length: GROUPS }, () =>
    Array.from({ length: GROUP }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  ).join('-');
