-- The limits of a config: so many requests in each fixed window of so many seconds.


local ipairs = ipairs
local floor = math.floor


local PERIODS = {
  { "second", 1, "Second" }, { "minute", 60, "Minute" }, { "hour", 3600, "Hour" },
  { "day", 86400, "Day" }, { "month", 2592000, "Month" }, { "year", 31536000, "Year" },
}
local EVERYWHERE = "00000000-0000-0000-0000-000000000000"


local _M = {}


local by_config = setmetatable({}, { __mode = "k" })


--- Limits, shortest period first: { period, seconds, allowed, scope, limit_header, remaining_header }.
-- The scope is where the plugin was configured: a limit for all routes counts them together.
function _M.of(conf)
  local limits = by_config[conf]
  if limits then
    return limits
  end
  limits = {}
  for _, period in ipairs(PERIODS) do
    local name, seconds, label = unpack(period)
    if conf[name] then
      limits[#limits + 1] = {
        period = name,
        seconds = seconds,
        allowed = conf[name],
        scope = "ratelimit:" .. (conf.route_id or EVERYWHERE) .. ":" .. (conf.service_id or EVERYWHERE) .. ":",
        limit_header = "X-RateLimit-Limit-" .. label,
        remaining_header = "X-RateLimit-Remaining-" .. label,
      }
    end
  end
  by_config[conf] = limits
  return limits
end


--- When the window began that is open now, in seconds.
function _M.start(limit, now)
  return floor(now / limit.seconds) * limit.seconds
end


--- The name of one identifier's counter in the window that is open now.
function _M.key(limit, identifier, now)
  return limit.scope .. identifier .. ":" .. _M.start(limit, now) .. ":" .. limit.period
end


return _M
