-- Answers as Kong's bundled plugin of this name does.


local ngx = ngx
local kong = kong
local ipairs = ipairs
local concat = table.concat


local Cors = {
  VERSION = "3.9.1",
  PRIORITY = 2000,
}


-- Lists of a config as header values, put together once.
local joined = setmetatable({}, { __mode = "k" })


local function join(list)
  local text = joined[list]
  if not text then
    text = concat(list, ",")
    joined[list] = text
  end
  return text
end


-- Scheme, host and port of an origin without a port that its scheme implies, and the host alone.
local function parts_of(origin)
  local scheme, authority = origin:match("^(%a[%w+.-]*)://([^/?#]+)")
  local host, port = (authority or ""):match("^([^:]+):?(%d*)$")
  if not host then
    return origin, origin
  end
  if port == "" or scheme == "http" and port == "80" or scheme == "https" and port == "443" then
    return scheme .. "://" .. host, host
  end
  return scheme .. "://" .. authority, host
end


-- An entry without a scheme is compared with the host alone, but only when it is a pattern.
local function allows(entry, origin, host)
  if not entry:find("[^A-Za-z0-9.:/-]") then
    return parts_of(entry) == origin
  end
  local regex = entry:gsub("^%^", ""):gsub("%$$", "") .. "$"
  local subject = entry:find(":", 1, true) and origin or host
  return ngx.re.find(subject, regex, "ajo") ~= nil
end


-- Returns true when every origin is allowed.
local function set_origin(conf, origin, add_vary)
  local origins = conf.origins or {}
  if #origins == 0 or #origins == 1 and origins[1] == "*" then
    kong.response.set_header("Access-Control-Allow-Origin", "*")
    return true
  end

  add_vary("Vary", "Origin")
  if #origins == 1 and not origins[1]:find("[^A-Za-z0-9.:/-]") then
    kong.response.set_header("Access-Control-Allow-Origin", origins[1])
    return false
  end
  local plain, host = parts_of(origin or "")
  for _, entry in ipairs(origin and origins or {}) do
    if entry == "*" then
      kong.response.set_header("Access-Control-Allow-Origin", "*")
      return true
    end
    if allows(entry, plain, host) then
      kong.response.set_header("Access-Control-Allow-Origin", plain)
      return false
    end
  end
  kong.response.clear_header("Access-Control-Allow-Origin")
  return false
end


local function set_credentials(conf, allows_all, origin, add_vary)
  if not conf.credentials then
    return
  end
  if not allows_all then
    kong.response.set_header("Access-Control-Allow-Credentials", "true")
  elseif origin then
    add_vary("Vary", "Origin")
    kong.response.set_header("Access-Control-Allow-Origin", origin)
    kong.response.set_header("Access-Control-Allow-Credentials", "true")
  end
end


function Cors:access(conf)
  local origin = kong.request.get_header("Origin")
  if kong.request.get_method() ~= "OPTIONS" or not origin
    or not kong.request.get_header("Access-Control-Request-Method") then
    return
  end
  kong.ctx.plugin.is_preflight = true
  if conf.preflight_continue then
    return
  end

  local allows_all = set_origin(conf, origin, kong.response.set_header)
  set_credentials(conf, allows_all, origin, kong.response.set_header)
  local headers = conf.headers and #conf.headers > 0 and join(conf.headers)
    or kong.request.get_header("Access-Control-Request-Headers")
  if headers then
    kong.response.set_header("Access-Control-Allow-Headers", headers)
  end
  kong.response.set_header("Access-Control-Allow-Methods", join(conf.methods))
  if conf.max_age then
    kong.response.set_header("Access-Control-Max-Age", tostring(conf.max_age))
  end
  if conf.private_network and kong.request.get_header("Access-Control-Request-Private-Network") == "true" then
    kong.response.set_header("Access-Control-Allow-Private-Network", "true")
  end
  return kong.response.exit(200)
end


function Cors:header_filter(conf)
  if kong.ctx.plugin.is_preflight then
    return
  end
  local origin = kong.request.get_header("Origin")
  if not origin and not conf.allow_origin_absent then
    return
  end
  local allows_all = set_origin(conf, origin, kong.response.add_header)
  set_credentials(conf, allows_all, origin, kong.response.add_header)
  if conf.exposed_headers and #conf.exposed_headers > 0 then
    kong.response.set_header("Access-Control-Expose-Headers", join(conf.exposed_headers))
  end
end


return Cors
