-- Counters in each worker's memory that all gateways share through Redis, a little late: `sync_rate` above 0.
-- While Redis is down each worker counts for itself.


local limits = require "kong.plugins.rate-limiting.limits"
local redis = require "kong.plugins.shared.redis"
local seldom = require "kong.plugins.shared.seldom"


local ngx = ngx
local min = math.min
local ipairs = ipairs
local tonumber = tonumber


local BATCH = 500


local _M = {}


-- KEYS: counters. ARGV: for each, what to add and its seconds to live. Returns the new totals.
local ADD = redis.script [[
  local totals = {}
  for index, key in ipairs(KEYS) do
    totals[index] = redis.call('INCRBY', key, ARGV[index * 2 - 1])
    if redis.call('TTL', key) < 0 then redis.call('EXPIRE', key, ARGV[index * 2]) end
  end
  return totals
]]


-- By limit: the counters of the window that is open now. Those of a closed one are of no use to anybody.
local windows = setmetatable({}, { __mode = "k" })

-- By config: the counters that have something to tell.
local changed = {}


local function known_to_redis(conf, key)
  local reply, err = redis.call(conf.redis, "get", key)
  if err then
    seldom.complain("failed to get usage", err)
  end
  return tonumber(reply) or 0
end


-- A counter: what Redis said of it last, and what this worker has counted since.
local function counter_of(conf, limit, identifier, now)
  local start = limits.start(limit, now)
  local window = windows[limit]
  if not window or window.start ~= start then
    window = { start = start, counters = {} }
    windows[limit] = window
  end
  local counter = window.counters[identifier]
  if not counter then
    local key = limits.key(limit, identifier, now)
    local known = known_to_redis(conf, key)
    -- Others may have come while Redis was asked.
    counter = window.counters[identifier] or {
      key = key, seconds = limit.seconds, ends = start + limit.seconds, known = known, unsent = 0, is_noted = false,
    }
    window.counters[identifier] = counter
  end
  return counter
end


-- Sends one batch; what could not be sent is kept for the next time, while it is of use.
local function push(conf, batch)
  local keys, arguments, amounts = {}, {}, {}
  for index, counter in ipairs(batch) do
    amounts[index] = counter.unsent
    keys[index] = counter.key
    arguments[index * 2 - 1] = counter.unsent
    arguments[index * 2] = counter.seconds
  end
  local totals, err = redis.run(conf.redis, ADD, keys, unpack(arguments))
  if not totals then
    seldom.complain("failed to synchronise usage", err)
  end
  for index, counter in ipairs(batch) do
    if totals then
      counter.known = totals[index]
      counter.unsent = counter.unsent - amounts[index]
    end
    counter.is_noted = counter.unsent > 0 and counter.ends > ngx.now()
    if counter.is_noted then
      changed[conf][#changed[conf] + 1] = counter
    end
  end
end


local function synchronise(premature, conf)
  if premature then
    return
  end
  local counters = changed[conf]
  changed[conf] = {}
  for first = 1, #counters, BATCH do
    push(conf, { unpack(counters, first, min(first + BATCH - 1, #counters)) })
  end
end


local function note(conf, counter)
  if not changed[conf] then
    changed[conf] = {}
    ngx.timer.every(conf.sync_rate, synchronise, conf)
  end
  changed[conf][#changed[conf] + 1] = counter
  counter.is_noted = true
end


--- Takes one request out of every window, unless one is used up. Returns what was used before.
function _M.take(conf, all, identifier, now)
  local counters, counts, is_over = {}, {}, false
  for index = 1, #all do
    local counter = counter_of(conf, all[index], identifier, now)
    counters[index] = counter
    counts[index] = counter.known + counter.unsent
    is_over = is_over or counts[index] >= all[index].allowed
  end
  for index = 1, is_over and 0 or #all do
    local counter = counters[index]
    counter.unsent = counter.unsent + 1
    if not counter.is_noted then
      note(conf, counter)
    end
  end
  return counts
end


return _M
