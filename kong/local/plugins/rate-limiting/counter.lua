-- Counts of requests in fixed windows, in Redis or in memory. A request over a limit is not counted.


local redis = require "kong.plugins.shared.redis"
local synchronised = require "kong.plugins.rate-limiting.synchronised"


local ngx = ngx


local _M = {}


-- KEYS: a counter per period. ARGV: pairs of limit and seconds to live. Returns the counts so far.
local TAKE = redis.script [[
  local counts, over = {}, false
  for index, key in ipairs(KEYS) do
    counts[index] = tonumber(redis.call('GET', key) or 0)
    over = over or counts[index] >= tonumber(ARGV[index * 2 - 1])
  end
  if not over then
    for index, key in ipairs(KEYS) do
      if redis.call('INCR', key) == 1 then redis.call('EXPIRE', key, ARGV[index * 2]) end
    end
  end
  return counts
]]


local function take_from_redis(conf, windows)
  local keys, arguments = {}, {}
  for index, window in ipairs(windows) do
    keys[index] = window.key
    arguments[index * 2 - 1] = window.limit
    arguments[index * 2] = window.seconds
  end
  return redis.run(conf.redis, TAKE, keys, unpack(arguments))
end


local function take_from_memory(conf, windows)
  local counters = ngx.shared.kong_rate_limiting_counters
  local is_shared = conf.policy == "redis"
  local counts, is_over = {}, false
  for index, window in ipairs(windows) do
    counts[index] = counters:get(window.key) or is_shared and synchronised.first(conf, window) or 0
    is_over = is_over or counts[index] >= window.limit
  end
  if is_over then
    return counts
  end
  for index = 1, #windows do
    local window = windows[index]
    counters:incr(window.key, 1, 0, window.seconds)
    if is_shared then
      synchronised.note(conf, window)
    end
  end
  return counts
end


--- Takes one request out of every window, unless one is used up. Returns what was used before.
function _M.take(conf, windows)
  if conf.policy == "redis" and conf.sync_rate <= 0 then
    return take_from_redis(conf, windows)
  end
  return take_from_memory(conf, windows)
end


return _M
