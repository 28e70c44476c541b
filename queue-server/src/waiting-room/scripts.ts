/**
 * What changes a waiting room, each in one step. `room` is a hash whose fields keys.ts explains. Every script names its
 * KEYS and ARGV in this order; ENTER, OPEN and CLAIM begin with a clock (clock.ts).
 */

/** Which run of Redis this is: another one, or a replica that took over, may have forgotten what was answered last. */
const RUN = `
local function run() return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') end
`;

/** Whether a place that is in the hash is still one: of the receipt, and the grant of its member. */
const LASTS = `
local function lasts(receipt, gone, claimed, grant)
  if redis.call('GETBIT', gone, receipt - 1) == 1 then return false end
  return redis.call('GETBIT', claimed, receipt - 1) == 0 or redis.call('EXISTS', grant) == 1
end
`;

/** Forgets a place: who had its turn has had it, and anybody else is gone. Answers the receipt. */
const END = `
local function finish(receipt, member, room, places, gone, missed, claimed, grant)
  redis.call('HDEL', places, member)
  redis.call('DEL', grant)
  if redis.call('GETBIT', claimed, receipt - 1) == 1 then return end
  if redis.call('SETBIT', gone, receipt - 1, 1) == 0 then redis.call('HINCRBY', room, 'gone', 1) end
  if redis.call('SETBIT', missed, receipt - 1, 0) == 1 then redis.call('HINCRBY', room, 'missed', -1) end
  redis.call('HINCRBY', room, 'version', 1)
end
`;

/**
 * KEYS room. ARGV incarnation for a new one, then field and value of what is set, then (after '') of what is set where
 * the room is new. Answers 1 for a new one.
 */
export const PUT = `
${RUN}
local new = redis.call('EXISTS', KEYS[1]) == 0
if new then
  redis.call('HSET', KEYS[1], 'incarnation', ARGV[1], 'state', 'PRE_QUEUE', 'opensAt', '', 'openedAt', '',
    'arrivals', 0, 'seed', '', 'drawSize', 0, 'cursor', 0, 'tat', 0, 'stock', '', 'gone', 0, 'claimed', 0,
    'missed', 0, 'version', 0, 'run', run(), 'settledAt', 0)
end
local defaults = false
for i = 2, #ARGV, 2 do
  if ARGV[i] == '' then defaults = true
  elseif not defaults then redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  else redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
redis.call('HINCRBY', KEYS[1], 'version', 1)
return new and 1 or 0
`;

/** KEYS fence, then all others. The fence goes when no process can remember a leader any more. */
export const DELETE = `
redis.call('EXPIRE', KEYS[1], 86400)
return redis.call('UNLINK', unpack(KEYS, 2))
`;

/** KEYS room. ARGV seed, 1 only if it is time. Answers 1 where this opened it. */
export const OPEN = `
local ms = math.floor(micros() / 1000)
local room = redis.call('HMGET', KEYS[1], 'seed', 'opensAt', 'arrivals', 'state')
if not room[4] or room[1] ~= '' then return 0 end
if ARGV[2] == '1' and (room[4] ~= 'PRE_QUEUE' or room[2] == '' or tonumber(room[2]) > ms) then return 0 end
redis.call('HSET', KEYS[1], 'seed', ARGV[1], 'drawSize', room[3], 'openedAt', string.format('%.0f', ms),
  'state', 'OPEN')
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 1
`;

/** KEYS room. Answers 0 where there is none. */
export const PAUSE = `
local state = redis.call('HGET', KEYS[1], 'state')
if not state then return 0 end
if state ~= 'PAUSED' then
  redis.call('HSET', KEYS[1], 'state', 'PAUSED')
  redis.call('HINCRBY', KEYS[1], 'version', 1)
end
return 1
`;

/** KEYS room. Answers 0 where there is none. What is sold out will be found to be so again. */
export const RESUME = `
local room = redis.call('HMGET', KEYS[1], 'state', 'seed')
if not room[1] then return 0 end
if room[1] == 'PAUSED' then
  redis.call('HSET', KEYS[1], 'state', room[2] == '' and 'PRE_QUEUE' or 'OPEN')
  redis.call('HINCRBY', KEYS[1], 'version', 1)
end
return 1
`;

/**
 * KEYS room, places, gone, claimed, then the grant of each member. ARGV the incarnation that the caller knows, the last
 * receipt of it that it knows, milliseconds to settle, then the members. Answers the incarnation, then of each member the
 * receipt, or why there is none; nothing where there is no room. Who has a place keeps it, whatever the room is like.
 *
 * In another run of Redis than before nobody gets a new place until every process had the time to put back what it knows
 * (RESTORE): no receipt is given twice.
 */
export const ENTER = `
${LASTS}
${RUN}
local room = redis.call('HMGET', KEYS[1], 'incarnation', 'state', 'capacity', 'arrivals', 'gone', 'claimed', 'run',
  'settledAt')
if not room[1] then return {} end

local settling = nil
local function is_settling()
  if settling == nil then
    local now, current = math.floor(micros() / 1000), run()
    if current ~= room[7] then
      room[8] = string.format('%.0f', now + ARGV[3])
      redis.call('HSET', KEYS[1], 'run', current, 'settledAt', room[8])
    end
    settling = now < tonumber(room[8])
  end
  return settling
end
local before = tonumber(room[4])
local arrivals = before
if room[1] == ARGV[1] and tonumber(ARGV[2]) > arrivals then arrivals = tonumber(ARGV[2]) end
local over = room[5] + room[6]
local answers = { room[1] }
for i = 5, #KEYS do
  local member = ARGV[i - 1]
  local receipt = redis.call('HGET', KEYS[2], member)
  if receipt and lasts(receipt, KEYS[3], KEYS[4], KEYS[i]) then answers[i - 3] = receipt
  elseif room[2] == 'SOLD_OUT' then answers[i - 3] = 'SOLD_OUT'
  elseif arrivals - over >= tonumber(room[3]) then answers[i - 3] = 'FULL'
  elseif is_settling() then answers[i - 3] = 'SETTLING'
  else
    arrivals = arrivals + 1
    redis.call('HSET', KEYS[2], member, arrivals)
    answers[i - 3] = tostring(arrivals)
  end
end
if arrivals > before then redis.call('HSET', KEYS[1], 'arrivals', arrivals) end
return answers
`;

/** KEYS places, gone, claimed, grant. ARGV member. Answers 1 while the member has a place. */
export const HAS_PLACE = `
${LASTS}
local receipt = redis.call('HGET', KEYS[1], ARGV[1])
return receipt and lasts(receipt, KEYS[2], KEYS[3], KEYS[4]) and 1 or 0
`;

/** KEYS room, places, gone, missed, claimed, grant. ARGV member. Answers the receipt that was given up, or 0. */
export const LEAVE = `
${END}
local receipt = redis.call('HGET', KEYS[2], ARGV[1])
if not receipt then return 0 end
finish(receipt, ARGV[1], unpack(KEYS))
return tonumber(receipt)
`;

/**
 * KEYS room, places, gone, missed, claimed, grant. ARGV member, incarnation, the number of the receipt, the receipt,
 * admission id, token, milliseconds. Answers ADMITTED with admission id, token and expiry: new ones, or those that were given
 * before; WAITING where its turn has not come (any more), and NONE where the place is lost.
 */
export const CLAIM = `
${END}
local room = redis.call('HMGET', KEYS[1], 'incarnation', 'cursor', 'seed')
local receipt = redis.call('HGET', KEYS[2], ARGV[1])
if room[1] ~= ARGV[2] or receipt ~= ARGV[4] then return { 'NONE' } end
if redis.call('GETBIT', KEYS[3], receipt - 1) == 1 then return { 'NONE' } end
if redis.call('GETBIT', KEYS[5], receipt - 1) == 1 then
  local grant = redis.call('HMGET', KEYS[6], 'admissionId', 'token', 'expiresAt', 'receipt')
  if grant[4] == receipt then return { 'ADMITTED', grant[1], grant[2], grant[3] } end
  finish(receipt, ARGV[1], unpack(KEYS))
  return { 'NONE' }
end
if room[3] == '' or tonumber(ARGV[3]) > tonumber(room[2]) then return { 'WAITING' } end
if redis.call('GETBIT', KEYS[4], receipt - 1) == 1 then return { 'WAITING' } end
local expires = string.format('%.0f', math.floor(micros() / 1000) + ARGV[7])
redis.call('DEL', KEYS[6])
redis.call('HSET', KEYS[6], 'admissionId', ARGV[5], 'token', ARGV[6], 'expiresAt', expires, 'receipt', receipt,
  'incarnation', room[1])
redis.call('PEXPIRE', KEYS[6], ARGV[7])
redis.call('SETBIT', KEYS[5], receipt - 1, 1)
redis.call('HINCRBY', KEYS[1], 'claimed', 1)
redis.call('HINCRBY', KEYS[1], 'version', 1)
return { 'ADMITTED', ARGV[5], ARGV[6], expires }
`;

/** KEYS room, places, gone, missed, claimed, grant. ARGV member, admission id. Answers 1 where it ended the place. */
export const FINISH = `
${END}
local grant = redis.call('HMGET', KEYS[6], 'admissionId', 'receipt')
if grant[1] ~= ARGV[2] then return 0 end
if redis.call('HGET', KEYS[2], ARGV[1]) == grant[2] then finish(grant[2], ARGV[1], unpack(KEYS)) end
redis.call('DEL', KEYS[6])
return 1
`;

/** KEYS room, grant. Answers admission id, token and expiry; nothing where there is no grant of this room. */
export const GRANT = `
local grant = redis.call('HMGET', KEYS[2], 'admissionId', 'token', 'expiresAt', 'incarnation')
if not grant[1] or grant[4] ~= redis.call('HGET', KEYS[1], 'incarnation') then return {} end
return { grant[1], grant[2], grant[3] }
`;

/**
 * KEYS room, places. ARGV incarnation, arrivals, cursor, seed, draw size, opened at, then receipt and member of places that
 * were given. Puts back what a Redis that lost its last moments had answered, and takes nothing away.
 */
export const RESTORE = `
local room = redis.call('HMGET', KEYS[1], 'incarnation', 'arrivals', 'cursor', 'seed', 'state')
if room[1] ~= ARGV[1] then return 0 end
for i = 7, #ARGV, 2 do redis.call('HSETNX', KEYS[2], ARGV[i + 1], ARGV[i]) end
if tonumber(ARGV[2]) > tonumber(room[2]) then redis.call('HSET', KEYS[1], 'arrivals', ARGV[2]) end
if tonumber(ARGV[3]) > tonumber(room[3]) then redis.call('HSET', KEYS[1], 'cursor', ARGV[3]) end
if room[4] == '' and ARGV[4] ~= '' then
  redis.call('HSET', KEYS[1], 'seed', ARGV[4], 'drawSize', ARGV[5], 'openedAt', ARGV[6])
  if room[5] == 'PRE_QUEUE' then redis.call('HSET', KEYS[1], 'state', 'OPEN') end
end
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 1
`;

/**
 * KEYS active of each member. ARGV event, milliseconds. Answers of each nothing where it is this event now, else the event
 * that is there.
 */
export const ACTIVATE = `
local answers = {}
for i = 1, #KEYS do
  local event = redis.call('GET', KEYS[i])
  if event and event ~= ARGV[1] then answers[i] = event
  else
    redis.call('SET', KEYS[i], ARGV[1], 'PX', ARGV[2])
    answers[i] = false
  end
end
return answers
`;

/** KEYS active. ARGV event, the event that is there, milliseconds, how old the claim has to be. Answers 1 for taken over. */
export const TAKE_OVER = `
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
if redis.call('PTTL', KEYS[1]) > ARGV[3] - ARGV[4] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1
`;

/** KEYS active. ARGV event. */
export const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;
