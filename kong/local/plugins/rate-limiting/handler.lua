-- Answers as Kong's bundled plugin of this name does.


local counter = require "kong.plugins.rate-limiting.counter"


local ngx = ngx
local kong = kong
local ipairs = ipairs
local max = math.max
local floor = math.floor


local PERIODS = {
  { "second", 1, "Second" }, { "minute", 60, "Minute" }, { "hour", 3600, "Hour" },
  { "day", 86400, "Day" }, { "month", 2592000, "Month" }, { "year", 31536000, "Year" },
}


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


local function windows_of(conf, now)
  local route, service = kong.router.get_route(), kong.router.get_service()
  local prefix = "ratelimit:" .. route.id .. ":" .. (service and service.id or "") .. ":" .. identifier_of(conf)
  local windows = {}
  for _, period in ipairs(PERIODS) do
    local name, seconds, label = unpack(period)
    if conf[name] then
      local start = floor(now / seconds) * seconds
      windows[#windows + 1] = {
        key = prefix .. ":" .. start .. ":" .. name,
        limit = conf[name],
        seconds = seconds,
        label = label,
        reset = max(1, start + seconds - floor(now)),
      }
    end
  end
  return windows
end


function RateLimiting:access(conf)
  local windows = windows_of(conf, ngx.now())
  local counts, err = counter.take(conf, windows)
  if not counts then
    kong.log.err("failed to get usage: ", err)
    if conf.fault_tolerant then
      return
    end
    return kong.response.error(500)
  end

  local headers, tightest, exceeded = {}, nil, nil
  for index, window in ipairs(windows) do
    local remaining = window.limit - counts[index]
    exceeded = exceeded or remaining <= 0 and window or nil
    window.remaining = max(0, remaining - 1)
    headers["X-RateLimit-Limit-" .. window.label] = window.limit
    headers["X-RateLimit-Remaining-" .. window.label] = window.remaining
    if not tightest or window.remaining < tightest.remaining then
      tightest = window
    end
  end
  headers["RateLimit-Limit"] = tightest.limit
  headers["RateLimit-Remaining"] = tightest.remaining
  headers["RateLimit-Reset"] = tightest.reset

  if not conf.hide_client_headers then
    kong.response.set_headers(headers)
  end
  if exceeded then
    return kong.response.error(conf.error_code, conf.error_message, { ["Retry-After"] = exceeded.reset })
  end
end


return RateLimiting
