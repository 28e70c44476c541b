-- Kong's `traditional_compat` router: the route that says most about a request wins.


local lrucache = require "resty.lrucache"


local ipairs = ipairs
local pairs = pairs
local lower = string.lower
local sub = string.sub
local find = string.find
local re_find = ngx.re.find


local CACHE_SIZE = 1000


local _M = {}
local mt = { __index = _M }


local function set_of(list)
  if not list then
    return nil
  end
  local set = {}
  for _, item in ipairs(list) do
    set[item] = true
  end
  return set
end


local function count_of(map)
  local count = 0
  for _ in pairs(map or {}) do
    count = count + 1
  end
  return count
end


-- "*.example.com" and "example.*" match one label or more.
local function host_pattern(host)
  local escaped = host:gsub("[%-%.%+%[%]%(%)%$%^%%%?]", "%%%0"):gsub("%*", ".+")
  return "^" .. escaped .. "$"
end


local function compile_hosts(hosts)
  if not hosts then
    return nil
  end
  local plain, wildcards = {}, {}
  for _, host in ipairs(hosts) do
    host = lower(host)
    if host:find("*", 1, true) then
      wildcards[#wildcards + 1] = host_pattern(host)
    else
      plain[host] = true
    end
  end
  return { plain = plain, wildcards = wildcards }
end


local function compile_headers(headers)
  if not headers then
    return nil
  end
  local compiled = {}
  for name, values in pairs(headers) do
    local header = { name = lower(name), values = {} }
    for _, value in ipairs(values) do
      if #values == 1 and sub(value, 1, 2) == "~*" then
        header.regex = sub(value, 3)
      else
        header.values[lower(value)] = true
      end
    end
    compiled[#compiled + 1] = header
  end
  return compiled
end


local function weight_of(route)
  return (route.hosts and 1 or 0) + (route.methods and 1 or 0)
    + (route.headers and 1 or 0) + (route.paths and 1 or 0)
end


-- One candidate per path, so that candidates can be tried in one order of precedence.
local function candidates_of(route)
  local base = {
    route = route,
    weight = weight_of(route),
    header_count = count_of(route.headers),
    methods = set_of(route.methods),
    hosts = compile_hosts(route.hosts),
    headers = compile_headers(route.headers),
    protocols = set_of(route.protocols),
  }
  base.plain_hosts = base.hosts and #base.hosts.wildcards == 0 and 1 or 0

  local candidates = {}
  for _, path in ipairs(route.paths or { false }) do
    local candidate = setmetatable({ priority = 0, length = 0 }, { __index = base })
    if path and sub(path, 1, 1) == "~" then
      candidate.regex = "^" .. sub(path, 2)
      candidate.priority = route.regex_priority
      candidate.is_regex = 1
      candidate.length = #path
    elseif path then
      candidate.prefix = path
      candidate.length = #path
    end
    candidates[#candidates + 1] = candidate
  end
  return candidates
end


local function comes_first(a, b)
  if a.weight ~= b.weight then
    return a.weight > b.weight
  end
  if a.plain_hosts ~= b.plain_hosts then
    return a.plain_hosts > b.plain_hosts
  end
  if a.header_count ~= b.header_count then
    return a.header_count > b.header_count
  end
  local a_regex, b_regex = a.is_regex or 0, b.is_regex or 0
  if a_regex ~= b_regex then
    return a_regex > b_regex
  end
  if a.priority ~= b.priority then
    return a.priority > b.priority
  end
  if a_regex == 0 and a.length ~= b.length then
    return a.length > b.length
  end
  return a.route.order < b.route.order
end


function _M.new(routes)
  local candidates = {}
  for _, route in ipairs(routes) do
    if not route.service or route.service.enabled then
      for _, candidate in ipairs(candidates_of(route)) do
        -- Plain fields: a lookup through a metatable per request and candidate would be wasted.
        local flat = {}
        for key, value in pairs(getmetatable(candidate).__index) do
          flat[key] = value
        end
        for key, value in pairs(candidate) do
          flat[key] = value
        end
        candidates[#candidates + 1] = flat
      end
    end
  end
  table.sort(candidates, comes_first)
  local asks_for_headers = false
  for _, candidate in ipairs(candidates) do
    asks_for_headers = asks_for_headers or candidate.headers ~= nil
  end
  return setmetatable({
    candidates = candidates,
    known = not asks_for_headers and lrucache.new(CACHE_SIZE) or nil,
  }, mt)
end


local function matches_host(hosts, host, host_and_port)
  if hosts.plain[host] or hosts.plain[host_and_port] then
    return true
  end
  for _, pattern in ipairs(hosts.wildcards) do
    if find(host, pattern) then
      return true
    end
  end
  return false
end


local function matches_headers(expected, headers)
  for _, header in ipairs(expected) do
    local given = headers[header.name]
    if type(given) ~= "table" then
      given = { given }
    end
    local matched = false
    for _, value in ipairs(given) do
      if header.values[lower(value)] or header.regex and re_find(value, header.regex, "jo") then
        matched = true
        break
      end
    end
    if not matched then
      return false
    end
  end
  return true
end


local function search(self, method, host, path, headers)
  local host_only = host and lower(host):gsub(":%d+$", "")
  for _, candidate in ipairs(self.candidates) do
    local matched = ""
    local ok = not candidate.methods or candidate.methods[method]
    if ok and candidate.prefix then
      matched = candidate.prefix
      ok = sub(path, 1, candidate.length) == matched
    elseif ok and candidate.regex then
      local _, last = re_find(path, candidate.regex, "jo")
      ok = last ~= nil
      matched = last and sub(path, 1, last) or ""
    end
    ok = ok and (not candidate.hosts or host and matches_host(candidate.hosts, host_only, lower(host)))
    ok = ok and (not candidate.headers or matches_headers(candidate.headers, headers()))
    if ok then
      return { route = candidate.route, matched = matched }
    end
  end
end


--- The matching route and what of the path its path covered; nil when there is none.
-- `headers` is a function, called only if a route asks for headers. Otherwise what was found is remembered.
function _M:match(method, host, path, headers)
  local known, key = self.known, nil
  local found
  if known then
    key = method .. " " .. (host or "") .. " " .. path
    found = known:get(key)
  end
  if not found then
    found = search(self, method, host, path, headers)
    if not found then
      return nil
    end
    if known then
      known:set(key, found)
    end
  end
  return found.route, found.matched
end


--- The path to ask the service for.
function _M.upstream_path(route, path, matched)
  local base = route.service.path or "/"
  local rest = path
  if route.strip_path then
    rest = sub(path, #matched + 1)
  end
  if base == "/" then
    return sub(rest, 1, 1) == "/" and rest or "/" .. rest
  end
  if sub(base, -1) == "/" and sub(rest, 1, 1) == "/" then
    return base .. sub(rest, 2)
  end
  return base .. rest
end


return _M
