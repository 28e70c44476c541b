import { Type } from 'typebox';

/** What the widget in the browser gives (Turnstile's is the longer one: at most 2,048 characters). */
export const BotTokenSchema = Type.String({ minLength: 1, maxLength: 4_096 });

interface Attempt {
  /** What the widget was told that it is for. */
  action: 'login' | 'register';
  /** The caller's. */
  address: string;
}

/** @throws {ProblemError} 403 AUTH_1007 for what is not shown to be a person */
export type BotCheck = (token: string | undefined, attempt: Attempt) => Promise<void>;

export const noBotCheck: BotCheck = async () => undefined;
