/** What leaves: plain text and the same as HTML. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** A way by which mail leaves. */
export interface Mailer {
  /** @throws when it was not taken; it will be tried again */
  send: (mail: Mail) => Promise<void>;
  close: () => void;
}
