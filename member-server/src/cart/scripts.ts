/**
 * Every change of a cart is one script on the keys of one owner, which are in one cluster slot.
 *
 * A cart is a hash: `version`, and for each SKU `<quantity>:<microseconds when it was added>`. A version is a time in
 * microseconds and always later than the last, so that no cart ever has the version of an earlier one of its owner.
 */
const CART = `
local cart = KEYS[1]
local function version() return redis.call('HGET', cart, 'version') or '0' end
local function next_version()
  local time = redis.call('TIME')
  return math.max(time[1] * 1000000 + time[2], tonumber(version()) + 1)
end
local function digits(number) return string.format('%.0f', number) end
local function line(sku)
  local value = redis.call('HGET', cart, sku)
  if not value then return nil end
  local quantity, added = string.match(value, '^(%d+):(%d+)$')
  return { quantity = tonumber(quantity), added = added }
end
local function count() return redis.call('HLEN', cart) - redis.call('HEXISTS', cart, 'version') end
local function keep(number, idle)
  redis.call('HSET', cart, 'version', digits(number))
  redis.call('EXPIRE', cart, idle)
end
local function answer(outcome) return { outcome, redis.call('HGETALL', cart) } end
local function stale(expected) return expected ~= '' and not string.find(expected, ',' .. version() .. ',', 1, true) end
`;

/** KEYS cart, merges. ARGV idle. Life is only prolonged once a day, so that looking at a cart is not a write. */
export const READ = `${CART}
if redis.call('TTL', cart) < ARGV[1] - 86400 then redis.call('EXPIRE', cart, ARGV[1]) end
return { redis.call('HGETALL', cart), redis.call('SMEMBERS', KEYS[2]) }
`;

/**
 * KEYS cart, request. ARGV expected, idle, sku, quantity, limit, lines, fingerprint, memory.
 * A request that carries a key is remembered, and counts once.
 */
export const ADD = `${CART}
if ARGV[7] ~= '' then
  local earlier = redis.call('GET', KEYS[2])
  if earlier == ARGV[7] then return answer('OK') end
  if earlier then return answer('REUSED') end
end
if stale(ARGV[1]) then return answer('STALE') end
local now = next_version()
local existing = line(ARGV[3])
if not existing and count() >= tonumber(ARGV[6]) then return answer('FULL') end
local total = (existing and existing.quantity or 0) + ARGV[4]
if total > tonumber(ARGV[5]) then return answer('LIMIT') end
redis.call('HSET', cart, ARGV[3], total .. ':' .. (existing and existing.added or digits(now)))
keep(now, ARGV[2])
if ARGV[7] ~= '' then redis.call('SET', KEYS[2], ARGV[7], 'EX', ARGV[8]) end
return answer('OK')
`;

/** KEYS cart. ARGV expected, idle, sku, quantity, limit. Fewer is always possible, however few are left. */
export const SET = `${CART}
if stale(ARGV[1]) then return answer('STALE') end
local existing = line(ARGV[3])
if not existing then return answer('ABSENT') end
local quantity = tonumber(ARGV[4])
if quantity == existing.quantity then return answer('OK') end
if quantity > tonumber(ARGV[5]) and quantity > existing.quantity then return answer('LIMIT') end
redis.call('HSET', cart, ARGV[3], quantity .. ':' .. existing.added)
keep(next_version(), ARGV[2])
return answer('OK')
`;

/** KEYS cart. ARGV expected, idle, sku. */
export const REMOVE = `${CART}
if stale(ARGV[1]) then return answer('STALE') end
if redis.call('HDEL', cart, ARGV[3]) == 1 then keep(next_version(), ARGV[2]) end
return answer('OK')
`;

/**
 * KEYS cart, marker. ARGV idle, memory, then sku, quantity of each line. What was bought is taken out once: of a line
 * with more of it the rest stays, and of one with less nothing.
 */
export const TAKE_OUT = `${CART}
if not redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[2]) then return answer('OK') end
local changed = false
for i = 3, #ARGV, 2 do
  local existing = line(ARGV[i])
  if existing then
    changed = true
    local left = existing.quantity - ARGV[i + 1]
    if left > 0 then redis.call('HSET', cart, ARGV[i], left .. ':' .. existing.added)
    else redis.call('HDEL', cart, ARGV[i]) end
  end
end
if changed then keep(next_version(), ARGV[1]) end
return answer('OK')
`;

/** KEYS cart. ARGV expected. */
export const CLEAR = `${CART}
if stale(ARGV[1]) then return answer('STALE') end
redis.call('DEL', cart)
return answer('OK')
`;

/** KEYS cart, merges. */
export const FORGET = `
redis.call('DEL', KEYS[1], KEYS[2])
return {}
`;

/** KEYS merges. ARGV guest, memory. */
export const INTEND = `
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {}
`;

/** KEYS merges. ARGV guest. */
export const RELINQUISH = `
redis.call('SREM', KEYS[1], ARGV[1])
return {}
`;

/** KEYS guest's cart, record. ARGV member, memory. Takes the cart away from the guest, or finds what was taken. */
export const TAKE = `
if redis.call('EXISTS', KEYS[2]) == 0 then
  if ARGV[1] == '' or redis.call('EXISTS', KEYS[1]) == 0 then return {} end
  redis.call('RENAME', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[2], 'member', ARGV[1])
  redis.call('EXPIRE', KEYS[2], ARGV[2])
end
return redis.call('HGETALL', KEYS[2])
`;

/** KEYS record. ARGV version. */
export const DROP = `
if redis.call('HGET', KEYS[1], 'version') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return {}
`;

/**
 * KEYS cart, merges, marker. ARGV idle, lines, guest, memory, then sku, quantity, limit, added of each line, the
 * latest first. What is there is never made less; what does not fit any more is left behind.
 */
export const APPLY = `${CART}
if not redis.call('SET', KEYS[3], '1', 'NX', 'EX', ARGV[4]) then return answer('OK') end
redis.call('SREM', KEYS[2], ARGV[3])
local now = next_version()
for i = 5, #ARGV, 4 do
  local existing = line(ARGV[i])
  if existing or count() < tonumber(ARGV[2]) then
    local present = existing and existing.quantity or 0
    local total = math.max(present, math.min(present + ARGV[i + 1], tonumber(ARGV[i + 2])))
    redis.call('HSET', cart, ARGV[i], total .. ':' .. (existing and existing.added or ARGV[i + 3]))
  end
end
keep(now, ARGV[1])
return answer('OK')
`;
