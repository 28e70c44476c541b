/** Loaded before a server: its clock is five minutes fast, and jumps to five minutes slow and back every second. */
const OFF = 300_000;
const RealDate = Date;
const now = () => {
  const real = RealDate.now();
  return Math.floor(real / 1_000) % 2 === 0 ? real + OFF : real - OFF;
};

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(now());
    else super(...parts);
  }
  static now() {
    return now();
  }
};
