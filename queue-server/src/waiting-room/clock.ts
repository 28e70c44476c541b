/**
 * What time is, for everything that is decided by time: a prelude of the scripts that defines `micros()`, since 1970, and
 * `stamp()`, the id of a stream's next entry. Redis says what time it is, whoever asks; the clocks of processes differ, and
 * jump.
 */
export const REDIS_CLOCK = `
local function micros()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
local function stamp() return '*' end
`;
