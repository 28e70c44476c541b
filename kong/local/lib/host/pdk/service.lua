-- kong.service: the request to the service, and its answer.


local ngx = ngx
local pairs = pairs
local setmetatable = setmetatable
local type = type
local var = ngx.var
local lower = string.lower


local request = {}
local response = {}


local function remember(name, value)
  local headers = ngx.ctx.KONG_REQUEST_HEADERS
  if headers then
    headers[lower(name)] = value
  end
end


local function set(name, value)
  remember(name, value)
  ngx.req.set_header(name, value)
end


function request.set_header(name, value)
  if lower(name) == "host" then
    var.upstream_host = value
  end
  set(name, value == "" and " " or tostring(value))
end


function request.add_header(name, value)
  local current = ngx.req.get_headers(1000)[name]
  if current == nil then
    return request.set_header(name, value)
  end
  local values = type(current) == "table" and current or { current }
  values[#values + 1] = tostring(value)
  set(name, values)
end


function request.clear_header(name)
  remember(name, nil)
  ngx.req.clear_header(name)
end


function request.set_headers(headers)
  for name, value in pairs(headers) do
    if type(value) == "table" then
      set(name, value)
    else
      request.set_header(name, value)
    end
  end
end


function request.set_scheme(scheme) var.upstream_scheme = scheme end
function request.set_path(path) var.upstream_uri = path end
function request.set_raw_query(query) ngx.req.set_uri_args(query) end
function request.set_query(args) ngx.req.set_uri_args(args) end
function request.set_method(method) ngx.req.set_method(ngx["HTTP_" .. method]) end


function request.set_raw_body(body)
  ngx.req.read_body()
  ngx.req.set_body_data(body)
end


--- Fetches the whole answer before any of it is sent; the `response` phase needs it.
function request.enable_buffering()
  ngx.ctx.buffered_proxying = true
end


function response.get_status()
  local ctx = ngx.ctx
  if ctx.buffered_status then
    return ctx.buffered_status
  end
  if ctx.KONG_UNEXPECTED or ctx.KONG_EXITED then
    return tonumber((var.upstream_status or ""):match("(%d+)%s*$"))
  end
  return ngx.status
end


-- Kong's own headers of a buffered answer can be asked by name, in any spelling, but not walked through.
local function asked_by_name(headers)
  return setmetatable({}, { __index = function(_, name)
    local value = headers[name]
    if value ~= nil then
      return value
    end
    local wanted = lower(name):gsub("_", "-")
    for key, item in pairs(headers) do
      if lower(key) == wanted then
        return item
      end
    end
  end })
end


function response.get_headers(max)
  local buffered = ngx.ctx.buffered_headers
  return buffered and asked_by_name(buffered) or (ngx.resp.get_headers(max or 100))
end


function response.get_header(name)
  local value = response.get_headers(1000)[name]
  if type(value) == "table" then
    return value[1]
  end
  return value
end


function response.get_raw_body()
  return ngx.ctx.buffered_body
end


return { request = request, response = response }
