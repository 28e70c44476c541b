/** The look of a button, for links and buttons alike. */
export const button = {
  primary:
    'inline-flex min-h-12 items-center justify-center rounded-full bg-ink px-6 font-semibold text-page transition-opacity hover:opacity-85',
  quiet:
    'inline-flex min-h-12 items-center justify-center rounded-full border border-line-strong px-6 font-semibold transition-colors hover:bg-sunken',
} as const;
