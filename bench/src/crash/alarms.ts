/** That other money came than was asked for is what some cards are for. */
const EXPECTED = ['AMOUNT_MISMATCH'];
const ALARM = /"alarm":"([A-Z_]+)"/;

/** The lines of logs that a person has to see. */
export const alarmsIn = (logs: string): string[] =>
  logs.split('\n').filter((line) => {
    const alarm = ALARM.exec(line)?.[1];
    return alarm !== undefined && !EXPECTED.includes(alarm);
  });
