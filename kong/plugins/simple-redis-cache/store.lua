-- Entries in Redis, one hash each. Who fetches is written in the entry itself: a purge is a DEL, and takes
-- the right to store away from a fetch under way.


local cjson = require "cjson.safe"
local redis = require "kong.plugins.shared.redis"


local type = type
local tonumber = tonumber


local _M = {}


-- ARGV: owner, fetch time-out in ms, "1" to renew.
local LOOK_UP = redis.script [[
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local entry = redis.call('HMGET', KEYS[1], 'stored', 'fresh', 'stale', 'fetching', 'pass')
  local stored, fresh, stale = tonumber(entry[1]), tonumber(entry[2]), tonumber(entry[3])
  local fetching, pass = tonumber(entry[4]), tonumber(entry[5])
  local function found(state)
    local kept = redis.call('HMGET', KEYS[1], 'status', 'headers', 'body')
    return { state, kept[1], kept[2], kept[3], now - stored, fresh - now }
  end
  if ARGV[3] ~= '1' then
    if stored and fresh > now then return found('hit') end
    if pass and pass > now then return { 'pass' } end
    if fetching and fetching > now then
      if stored and stale > now then return found('stale') end
      return { 'wait' }
    end
  end
  redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'fetching', now + ARGV[2])
  redis.call('PEXPIRE', KEYS[1], math.max(tonumber(ARGV[2]), stale and stale - now or 0))
  if stored and stale > now then return found('fetch') end
  return { 'fetch' }
]]

-- ARGV: owner, status, headers, body, fresh for ms, stale after that for ms.
local STORE = redis.script [[
  if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'status', ARGV[2], 'headers', ARGV[3], 'body', ARGV[4],
             'stored', now, 'fresh', now + ARGV[5], 'stale', now + ARGV[5] + ARGV[6])
  redis.call('PEXPIRE', KEYS[1], ARGV[5] + ARGV[6])
  return 1
]]

local DROP = redis.script [[ return redis.call('DEL', KEYS[1]) ]]

-- ARGV: owner.
local FAIL = redis.script [[
  if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
  return redis.call('HDEL', KEYS[1], 'owner', 'fetching')
]]

-- The answer is not to be kept: for a moment, requests go through side by side. ARGV: owner, ms.
local PASS = redis.script [[
  if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('HDEL', KEYS[1], 'owner', 'fetching')
  redis.call('HSET', KEYS[1], 'pass', now + ARGV[2])
  if redis.call('HEXISTS', KEYS[1], 'stored') == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
  return 1
]]


-- The kept answer of a reply; nil where there is none, or where somebody else has written into the hash.
local function kept_in(reply)
  local status, headers, body, age, ttl = tonumber(reply[2]), reply[3], reply[4], tonumber(reply[5]), tonumber(reply[6])
  headers = type(headers) == "string" and cjson.decode(headers)
  if status and type(headers) == "table" and type(body) == "string" and age and ttl then
    return { status = status, headers = headers, body = body, age = age / 1000, ttl = ttl / 1000 }
  end
end


--- What to do: `hit`, `stale` (both with the entry), `fetch` (and store; an old entry comes along where there is
-- one), `wait`, or `pass` (fetch, do not store).
function _M.look_up(conf, key, owner, renews)
  local reply, err = redis.run(conf.redis, LOOK_UP, { key }, owner, conf.fetch_timeout * 1000, renews and "1" or "0")
  if not reply then
    return nil, err or "no reply"
  end
  local entry = kept_in(reply) or {}
  entry.state = reply[1]
  if entry.status or entry.state == "fetch" or entry.state == "wait" or entry.state == "pass" then
    return entry
  end
  -- What is there cannot be given to anybody: begin anew.
  local _, failure = redis.run(conf.redis, DROP, { key })
  if failure then
    return nil, failure
  end
  return _M.look_up(conf, key, owner, renews)
end


function _M.store(conf, key, owner, answer, lifetime, stale_for)
  return redis.run(conf.redis, STORE, { key }, owner, answer.status, cjson.encode(answer.headers), answer.body,
                   lifetime * 1000, stale_for * 1000)
end


--- Gives the right to fetch back.
function _M.fail(conf, key, owner)
  return redis.run(conf.redis, FAIL, { key }, owner)
end


function _M.pass(conf, key, owner, milliseconds)
  return redis.run(conf.redis, PASS, { key }, owner, milliseconds)
end


return _M
