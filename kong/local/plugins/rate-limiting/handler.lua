-- Answers as Kong's bundled plugin of this name does.


local counter = require "kong.plugins.rate-limiting.counter"
local limits = require "kong.plugins.rate-limiting.limits"
local seldom = require "kong.plugins.shared.seldom"


local ngx = ngx
local kong = kong
local max = math.max
local floor = math.floor


local RateLimiting = {
  VERSION = "3.9.1",
  PRIORITY = 910,
}


local function identifier_of(conf)
  if conf.limit_by == "service" then
    return kong.router.get_service().id
  end
  if conf.limit_by == "header" then
    return kong.request.get_header(conf.header_name) or kong.client.get_forwarded_ip()
  end
  if conf.limit_by == "path" and kong.request.get_path() == conf.path then
    return conf.path
  end
  return kong.client.get_forwarded_ip()
end


local function seconds_left(limit, now)
  return max(1, limits.start(limit, now) + limit.seconds - floor(now))
end


-- Returns the limit that was used up before this request, if one was.
local function show(conf, all, counts, now)
  local tightest, least, exceeded
  for index = 1, #all do
    local limit = all[index]
    local remaining = limit.allowed - counts[index]
    if remaining <= 0 then
      exceeded = exceeded or limit
    end
    remaining = max(0, remaining - 1)
    if not least or remaining < least then
      tightest, least = limit, remaining
    end
    if not conf.hide_client_headers then
      kong.response.set_header(limit.limit_header, limit.allowed)
      kong.response.set_header(limit.remaining_header, remaining)
    end
  end
  if not conf.hide_client_headers then
    kong.response.set_header("RateLimit-Limit", tightest.allowed)
    kong.response.set_header("RateLimit-Remaining", least)
    kong.response.set_header("RateLimit-Reset", seconds_left(tightest, now))
  end
  return exceeded
end


function RateLimiting:access(conf)
  local now = ngx.now()
  local all = limits.of(conf)
  local counts, err = counter.take(conf, all, identifier_of(conf), now)
  if not counts then
    seldom.complain("failed to get usage", err)
    if conf.fault_tolerant then
      return
    end
    return kong.response.error(500)
  end

  local exceeded = show(conf, all, counts, now)
  if exceeded then
    return kong.response.error(conf.error_code, conf.error_message, { ["Retry-After"] = seconds_left(exceeded, now) })
  end
end


return RateLimiting
