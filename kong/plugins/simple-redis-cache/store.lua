-- Entries in Redis, one hash each. Who fetches is written in the entry itself: a purge is a DEL, and takes
-- the right to store away from every fetch under way. A path is purged with all its parameters by a mark beside its
-- entries: what was begun under another mark is no entry, so nothing has to be listed or looked for.


local cache_key = require "kong.plugins.simple-redis-cache.cache_key"
local cjson = require "cjson.safe"
local redis = require "kong.plugins.shared.redis"


local type = type
local pairs = pairs
local ipairs = ipairs
local tonumber = tonumber
local floor = math.floor


local _M = {}


-- KEYS[2] is the mark of the entry's path.
local MARK = [[
  local mark = redis.pcall('GET', KEYS[2])
  if not mark or mark.err then mark = '' end
]]

local CLOCK = [[
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
]]

-- `turn` is the right to store: all who fetch between two purges or renewals have the same, and the first answer is
-- kept. `owner` fetches since `since`; when it takes too long, another one may as well.
-- ARGV: owner, fetch time-out and wait time-out in ms, "claim", "renew" or "watch", "1" after a wait.
local LOOK_UP = redis.script(CLOCK .. MARK .. [[
  local entry = redis.pcall('HMGET', KEYS[1], 'stored', 'fresh', 'renewing', 'stale', 'turn', 'since', 'pass',
                            'failed', 'failures', 'mark')
  if entry.err or (entry[10] or '') ~= mark then
    -- The name of an entry, and no entry; or one of before the last purge of its path.
    redis.call('DEL', KEYS[1])
    entry = {}
  end
  local stored, fresh, renewing, stale = tonumber(entry[1]), tonumber(entry[2]), tonumber(entry[3]), tonumber(entry[4])
  local turn, since, pass = entry[5], tonumber(entry[6]), tonumber(entry[7])
  local failed, failures = tonumber(entry[8]), tonumber(entry[9])
  local is_kept = stored and fresh and renewing and stale
  local is_usable = is_kept and stale > now

  local function found(state)
    local kept = redis.call('HMGET', KEYS[1], 'status', 'headers', 'body')
    return { state, turn, now - stored, fresh - now, kept[1], kept[2], kept[3] }
  end

  if ARGV[4] ~= 'renew' then
    if is_kept and fresh > now then return found('hit') end
    if pass and pass > now then return { 'pass' } end
    if since and since + ARGV[3] > now then
      if is_kept and renewing > now then return found('stale') end
      return { 'wait' }
    end
    if failed and failed > now then
      if is_usable then return found('stale') end
      if ARGV[5] == '1' and failures and failures > 1 then return { 'failed' } end
    end
  end
  if ARGV[4] == 'watch' then
    turn = false
  else
    turn = ARGV[4] == 'claim' and turn or ARGV[1]
    redis.call('HSET', KEYS[1], 'turn', turn, 'owner', ARGV[1], 'since', now, 'mark', mark)
    redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[2]), is_usable and stale - now or 0))
  end
  if is_usable then return found('fetch') end
  return { 'fetch', turn }
]])

-- ARGV: turn, status, headers, body, and in ms: age, fresh for, then stale while renewing for, or on failure for.
local STORE = redis.script(CLOCK .. MARK .. [[
  local begun = redis.call('HMGET', KEYS[1], 'turn', 'mark')
  if begun[1] ~= ARGV[1] or (begun[2] or '') ~= mark then return 0 end
  local fresh = now + ARGV[6]
  local stale = fresh + math.max(tonumber(ARGV[7]), tonumber(ARGV[8]))
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'status', ARGV[2], 'headers', ARGV[3], 'body', ARGV[4],
             'stored', now - ARGV[5], 'fresh', fresh, 'renewing', fresh + ARGV[7], 'stale', fresh + ARGV[8],
             'mark', mark)
  redis.call('PEXPIRE', KEYS[1], stale - now)
  return 1
]])

local DROP = redis.script [[ return redis.call('DEL', KEYS[1]) ]]

-- For a moment an old answer stands in, and those who wait are told after the second failure. ARGV: turn, owner, ms.
local FAIL = redis.script(CLOCK .. [[
  local entry = redis.call('HMGET', KEYS[1], 'turn', 'owner', 'failed', 'failures')
  if entry[1] ~= ARGV[1] then return 0 end
  if entry[2] == ARGV[2] then redis.call('HDEL', KEYS[1], 'owner', 'since') end
  local goes_on = (tonumber(entry[3]) or 0) > now
  redis.call('HSET', KEYS[1], 'failed', now + ARGV[3],
             'failures', (goes_on and tonumber(entry[4]) or 0) + 1)
  return 1
]])

-- The answer is not to be kept: for a moment, requests go through side by side. ARGV: turn, ms, "1" to drop an old one.
local PASS = redis.script(CLOCK .. [[
  if redis.call('HGET', KEYS[1], 'turn') ~= ARGV[1] then return 0 end
  local mark = redis.call('HGET', KEYS[1], 'mark') or ''
  if ARGV[3] == '1' then redis.call('DEL', KEYS[1]) end
  redis.call('HDEL', KEYS[1], 'turn', 'owner', 'since', 'failed', 'failures')
  redis.call('HSET', KEYS[1], 'pass', now + ARGV[2], 'mark', mark)
  if redis.call('HEXISTS', KEYS[1], 'stored') == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
  return 1
]])


local function is_text(value)
  if type(value) ~= "table" then
    return type(value) == "string"
  end
  for _, item in ipairs(value) do
    if type(item) ~= "string" then
      return false
    end
  end
  return #value > 0
end


local function headers_in(text)
  local headers = type(text) == "string" and cjson.decode(text)
  if type(headers) ~= "table" then
    return nil
  end
  for name, value in pairs(headers) do
    if type(name) ~= "string" or not is_text(value) then
      return nil
    end
  end
  return headers
end


-- The kept answer of a reply; nil where there is none, or where somebody else has written into the hash.
local function kept_in(reply)
  local age, ttl, status = tonumber(reply[3]), tonumber(reply[4]), tonumber(reply[5])
  local headers, body = headers_in(reply[6]), reply[7]
  local is_status = status and status >= 200 and status < 600 and status == floor(status)
  if is_status and headers and type(body) == "string" and age and ttl then
    return { status = status, headers = headers, body = body, age = age / 1000, ttl = ttl / 1000 }
  end
end


--- What to do: `hit`, `stale` (both with the entry), `fetch` (and store in this turn; an old entry comes along where
-- there is one), `wait`, `failed` (the fetch that was waited for), or `pass` (fetch, do not store).
-- `way` is "claim", "renew" what is fresh, or "watch": fetch, without a turn to store.
function _M.look_up(conf, key, owner, way, has_waited)
  local reply, err = redis.run(conf.redis, LOOK_UP, { key, cache_key.mark_of(key) }, owner, conf.fetch_timeout * 1000,
                               conf.wait_timeout, way, has_waited and "1" or "0")
  if not reply then
    return nil, err or "no reply"
  end
  local state = reply[1]
  local entry = kept_in(reply)
  if not entry and (state == "hit" or state == "stale") then
    -- What is there cannot be given to anybody: begin anew.
    local _, failure = redis.run(conf.redis, DROP, { key })
    if failure then
      return nil, failure
    end
    return _M.look_up(conf, key, owner, way, has_waited)
  end
  entry = entry or {}
  entry.state = state
  entry.turn = type(reply[2]) == "string" and reply[2] or nil
  return entry
end


--- Keeps an answer; `lifetime` is { age, fresh, while_renewing, on_failure } in seconds.
function _M.store(conf, key, turn, answer, lifetime)
  return redis.run(conf.redis, STORE, { key, cache_key.mark_of(key) }, turn, answer.status,
                   cjson.encode(answer.headers), answer.body, lifetime.age * 1000,
                   (lifetime.fresh - lifetime.age) * 1000, lifetime.while_renewing * 1000, lifetime.on_failure * 1000)
end


--- Gives the fetch back.
function _M.fail(conf, key, turn, owner, milliseconds)
  return redis.run(conf.redis, FAIL, { key }, turn, owner, milliseconds)
end


--- Lets requests through side by side; with `drops`, an old answer is not to be given any more either.
function _M.pass(conf, key, turn, milliseconds, drops)
  return redis.run(conf.redis, PASS, { key }, turn, milliseconds, drops and "1" or "0")
end


return _M
