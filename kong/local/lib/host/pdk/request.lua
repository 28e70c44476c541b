-- kong.request: the client's request.


local cjson = require "cjson.safe"
local uri = require "host.uri"


local ngx = ngx
local lower = string.lower
local var = ngx.var


local _M = {}


local function trusted_header(name)
  if not kong.ip.is_trusted(var.realip_remote_addr or var.remote_addr) then
    return nil
  end
  local value = _M.get_header(name)
  return value and value:match("^%s*([^,]-)%s*,") or value
end


function _M.get_scheme() return var.scheme end
function _M.get_host() return var.host end
function _M.get_port() return tonumber(var.server_port) end
function _M.get_http_version() return ngx.req.http_version() end


function _M.get_forwarded_scheme()
  local scheme = trusted_header("X-Forwarded-Proto")
  return scheme and lower(scheme) or _M.get_scheme()
end


function _M.get_forwarded_host()
  local host = trusted_header("X-Forwarded-Host")
  return host and lower(host) or _M.get_host()
end


function _M.get_forwarded_port()
  return tonumber(trusted_header("X-Forwarded-Port")) or _M.get_port()
end


function _M.get_method()
  local method = ngx.req.get_method()
  if ngx.ctx.KONG_UNEXPECTED and method == "GET" then
    -- An error page is fetched with GET; the request line says what the client asked for.
    local request = var.request
    return request and request:match("^(%u+) ") or method
  end
  return method
end


function _M.get_raw_path()
  return (var.request_uri or "/"):match("^[^?]*")
end


function _M.get_path()
  return uri.normalise(var.request_uri or "/")
end


function _M.get_raw_query()
  return var.args or ""
end


function _M.get_path_with_query()
  local args = var.args
  return _M.get_raw_path() .. (args and "?" .. args or "")
end


function _M.get_query(max)
  return (ngx.req.get_uri_args(max or 100))
end


function _M.get_query_arg(name)
  local value = _M.get_query()[name]
  if type(value) == "table" then
    return value[1]
  end
  return value
end


--- Headers by name. All of them are one table for the whole request, which is not to be changed.
function _M.get_headers(max)
  if max and max >= 1000 then
    return _M.all_headers()
  end
  return (ngx.req.get_headers(max or 100))
end


--- All headers, read once for a request; kong.service.request keeps them true. Not to be changed by others.
function _M.all_headers()
  local ctx = ngx.ctx
  local headers = ctx.KONG_REQUEST_HEADERS
  if not headers then
    headers = ngx.req.get_headers(0)
    ctx.KONG_REQUEST_HEADERS = headers
  end
  return headers
end


-- Names as they stand in the table of headers. They are those that plugins ask for: few.
local plain_names = setmetatable({}, {
  __index = function(names, name)
    local plain = lower(name):gsub("_", "-")
    names[name] = plain
    return plain
  end,
})


function _M.get_header(name)
  local value = rawget(_M.all_headers(), plain_names[name])
  if type(value) == "table" then
    return value[1]
  end
  return value
end


local function read_file(path, limit)
  local file, err = io.open(path, "rb")
  if not file then
    return nil, err
  end
  local size = file:seek("end")
  if limit > 0 and size > limit then
    file:close()
    return nil, ("request body file too big: %d > %d"):format(size, limit)
  end
  file:seek("set")
  local body = file:read("*a")
  file:close()
  return body
end


--- The whole body; nil when it was spooled to a file, unless `max_allowed_file_size` is given (0: any size).
function _M.get_raw_body(max_allowed_file_size)
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  if body then
    return body
  end
  local path = ngx.req.get_body_file()
  if not path then
    return ""
  end
  if not max_allowed_file_size or max_allowed_file_size < 0 then
    return nil, "request body did not fit into client body buffer, consider raising 'client_body_buffer_size'"
  end
  return read_file(path, max_allowed_file_size)
end


function _M.get_body()
  local content_type = _M.get_header("Content-Type") or ""
  if content_type:find("application/x-www-form-urlencoded", 1, true) then
    ngx.req.read_body()
    return ngx.req.get_post_args()
  end
  if content_type:find("application/json", 1, true) then
    local body, err = _M.get_raw_body()
    if not body then
      return nil, err
    end
    local value = cjson.decode(body)
    if type(value) ~= "table" then
      return nil, "invalid json body"
    end
    return value
  end
  return nil, "unsupported content type '" .. content_type .. "'"
end


return _M
