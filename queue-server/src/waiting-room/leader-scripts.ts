/**
 * What a leader does, each in one step, and what all processes read and write beside it. Every script begins with a clock
 * (clock.ts) and names its KEYS and ARGV in this order.
 */

/**
 * KEYS room, gone, missed, claimed, leader. ARGV version and incarnation of the bitmaps that the reader has. Answers
 * microseconds and who leads, the room as HGETALL does, and the bitmaps where they are other ones.
 */
export const READ = `
local room = redis.call('HGETALL', KEYS[1])
local answer = { string.format('%.0f', micros()), redis.call('GET', KEYS[5]) or '', room }
local now = redis.call('HMGET', KEYS[1], 'version', 'incarnation')
if now[1] and (now[1] ~= ARGV[1] or now[2] ~= ARGV[2]) then
  for i = 2, 4 do answer[i + 2] = redis.call('GET', KEYS[i]) or '' end
end
return answer
`;

/** KEYS room, presence. ARGV incarnation, arrivals, packed sightings. Answers 0 where the room is another one. */
export const FLUSH = `
if redis.call('HGET', KEYS[1], 'incarnation') ~= ARGV[1] then return 0 end
redis.call('XADD', KEYS[2], stamp(), 'arrivals', ARGV[2], 'seen', ARGV[3])
return 1
`;

/** KEYS leader, fence, room. ARGV name, milliseconds. Answers the fencing token, or 0 where somebody else leads. */
export const ACQUIRE = `
if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('EXISTS', KEYS[3]) == 0 then return 0 end
local fence = redis.call('INCR', KEYS[2])
redis.call('PERSIST', KEYS[2])
redis.call('SET', KEYS[1], fence .. ':' .. ARGV[1], 'PX', ARGV[2])
return fence
`;

/** KEYS leader. ARGV token and name. */
export const RESIGN = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;

/**
 * KEYS room, leader, gone, missed, claimed, presence, admissions. ARGV token and name of the leader, milliseconds of its
 * lease, incarnation, seconds' worth of a batch, then the plan (plan.ts) as JSON, with what product-server
 * has said of the stock (null where it has not) and what the leader has measured. Answers
 * DONE; FENCED for who leads no more; STALE where the plan was made for another cursor or room, and only the lease is renewed.
 *
 * The budget is a GCRA (ITU-T I.371) whose time is Redis': no window of T seconds has more than rate * T calls and one
 * batch, not counting those that were given back. Nothing is added up that a leader says: it is at a number, or it is not.
 */
export const STEP = `
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 'FENCED' end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
local plan = cjson.decode(ARGV[5])
local room = redis.call('HMGET', KEYS[1], 'incarnation', 'state', 'cursor', 'rate', 'tat', 'grace', 'arrivals')
if room[1] ~= ARGV[3] or tonumber(room[3]) ~= plan.from then return 'STALE' end
local now = micros()

local function has(key, receipt) return redis.call('GETBIT', key, receipt - 1) == 1 end
local function set(key, receipt, bit) return redis.call('SETBIT', key, receipt - 1, bit) ~= bit end
local function waits(receipt) return not has(KEYS[3], receipt) and not has(KEYS[5], receipt) end

local lost, missed, found, called, recalled, back = {}, {}, 0, {}, {}, {}
for _, receipt in ipairs(plan.lost) do
  if waits(receipt) then
    set(KEYS[3], receipt, 1)
    if set(KEYS[4], receipt, 0) then found = found + 1 end
    lost[#lost + 1] = receipt
  end
end
for _, receipt in ipairs(plan.overdue) do
  if waits(receipt) and set(KEYS[4], receipt, 1) then back[#back + 1] = receipt end
end

local rate = tonumber(room[4])
local each = 1000000 / rate
local tat = math.max(tonumber(room[5]) - #back * each, now)
local budget = math.floor((now - tat) / each + math.max(1, math.floor(rate * ARGV[4])) + 0.000001)
local cursor = plan.from
if room[2] == 'OPEN' then
  for _, receipt in ipairs(plan.recall) do
    if budget == 0 then break end
    if waits(receipt) and set(KEYS[4], receipt, 0) then
      recalled[#recalled + 1] = receipt
      budget = budget - 1
    end
  end
  local stopped = false
  for _, place in ipairs(plan.walk) do
    local receipt = place[2]
    if not has(KEYS[3], receipt) then
      if place[3] == 0 then
        set(KEYS[4], receipt, 1)
        missed[#missed + 1] = receipt
      elseif budget == 0 then
        cursor = place[1] - 1
        stopped = true
        break
      else
        called[#called + 1] = receipt
        budget = budget - 1
      end
    end
  end
  if not stopped then cursor = math.min(plan.to, tonumber(room[7])) end
end

local state = room[2]
if plan.stock ~= cjson.null then
  if state == 'OPEN' and plan.soldOut then state = 'SOLD_OUT' end
  if state == 'SOLD_OUT' and not plan.soldOut then state = 'OPEN' end
  redis.call('HSET', KEYS[1], 'stock', plan.stock)
end
tat = tat + (#called + #recalled) * each
redis.call('HSET', KEYS[1], 'cursor', cursor, 'tat', string.format('%.0f', math.ceil(tat)), 'state', state,
  'present', plan.present, 'measured', plan.measured, 'reached', plan.reached)
redis.call('XTRIM', KEYS[6], 'MINID', '~', string.format('%.0f', now / 1000 - room[6] * 1000 - 60000))

local changes = #missed + #back - #recalled - found
if changes ~= 0 then redis.call('HINCRBY', KEYS[1], 'missed', changes) end
if #lost > 0 then redis.call('HINCRBY', KEYS[1], 'gone', #lost) end
if #lost + #missed + #back + #recalled > 0 or state ~= room[2] then
  redis.call('HINCRBY', KEYS[1], 'version', 1)
end
if #lost + #missed + #back + #recalled > 0 or cursor ~= plan.from then
  local list = function(receipts) return table.concat(receipts, ' ') end
  redis.call('XADD', KEYS[7], 'MAXLEN', '~', 20000, stamp(), 'leader', ARGV[1], 'from', plan.from, 'to', cursor,
    'called', list(called), 'recalled', list(recalled), 'missed', list(missed), 'back', list(back),
    'lost', list(lost))
end
return 'DONE'
`;
