-- kong.response: what the client gets.


local cjson = require "cjson.safe"


local ngx = ngx
local pairs = pairs
local type = type
local concat = table.concat
local lower = string.lower


local _M = {}


local MESSAGES = {
  [400] = "Bad request",
  [401] = "Unauthorized",
  [404] = "Not found",
  [405] = "Method not allowed",
  [408] = "Request timeout",
  [411] = "Length required",
  [412] = "Precondition failed",
  [413] = "Payload too large",
  [414] = "URI too long",
  [415] = "Unsupported media type",
  [417] = "Expectation failed",
  [426] = "Please use HTTPS protocol",
  [429] = "Too many requests",
  [494] = "Request header or cookie too large",
  [500] = "An unexpected error occurred",
  [502] = "An invalid response was received from the upstream server",
  [503] = "The upstream server is currently unavailable",
  [504] = "The upstream server is timing out",
}


function _M.get_status()
  return ngx.status
end


function _M.get_headers(max)
  return (ngx.resp.get_headers(max or 100))
end


function _M.get_header(name)
  local value = ngx.header[name]
  if type(value) == "table" then
    return value[1]
  end
  return value ~= nil and tostring(value) or nil
end


--- Who made the answer: the service, a plugin ("exit"), or the gateway on an error.
function _M.get_source()
  local ctx = ngx.ctx
  if ctx.KONG_UNEXPECTED then
    return "error"
  end
  if ctx.KONG_EXITED then
    return "exit"
  end
  if ctx.KONG_PROXIED then
    return "service"
  end
  return "error"
end


function _M.set_status(status)
  ngx.status = status
end


function _M.set_header(name, value)
  ngx.header[name] = type(value) == "boolean" and tostring(value) or value
end


function _M.add_header(name, value)
  local current = ngx.header[name]
  if current == nil then
    ngx.header[name] = value
    return
  end
  local values = type(current) == "table" and current or { current }
  values[#values + 1] = value
  ngx.header[name] = values
end


function _M.clear_header(name)
  ngx.header[name] = nil
end


function _M.set_headers(headers)
  for name, value in pairs(headers) do
    _M.set_header(name, value)
  end
end


local function has(headers, wanted)
  for name in pairs(headers or {}) do
    if lower(name) == wanted then
      return true
    end
  end
  return false
end


-- A status from 300 on without any body, not even an empty one, makes nginx write the answer: as on Kong.
local function send(status, body, headers)
  ngx.ctx.KONG_EXITED = true
  ngx.status = status
  if type(body) == "table" then
    body = cjson.encode(body)
    if not has(headers, "content-type") then
      ngx.header["Content-Type"] = "application/json; charset=utf-8"
    end
  end
  if headers then
    _M.set_headers(headers)
  end
  -- In `response` the upstream's framing is still there, and belongs to another body.
  ngx.header["Transfer-Encoding"] = nil
  if not has(headers, "content-length") then
    ngx.header["Content-Length"] = body and #body or 0
  end
  if body then
    ngx.print(body)
  end
  return ngx.exit(status)
end


--- Answers the client and ends the phase; does not return (not even to a pcall).
function _M.exit(status, body, headers)
  return send(status, body, headers)
end


--- Answers with an error in the client's preferred form; here always JSON.
function _M.error(status, message, headers)
  local fields = headers or {}
  fields["Content-Type"] = fields["Content-Type"] or "application/json; charset=utf-8"
  return _M.exit(status, { message = message or MESSAGES[status] or "An unexpected error occurred" }, fields)
end


--- In body_filter: the whole body once its last chunk is here, nil before that.
function _M.get_raw_body()
  local ctx = ngx.ctx
  local chunk, eof = ngx.arg[1], ngx.arg[2]
  local chunks = ctx.KONG_BODY_BUFFER
  if eof and not chunks then
    return chunk
  end
  if not chunks then
    chunks = {}
    ctx.KONG_BODY_BUFFER = chunks
  end
  if chunk ~= "" then
    chunks[#chunks + 1] = chunk
  end
  if eof then
    local body = concat(chunks)
    ctx.KONG_BODY_BUFFER = { body }
    ngx.arg[1] = body
    return body
  end
  ngx.arg[1] = nil
  return nil
end


--- In body_filter: makes this the whole body; nothing comes after it. An empty one is a line break, as on Kong.
function _M.set_raw_body(body)
  ngx.arg[1] = body == "" and "\n" or body
  ngx.arg[2] = true
  ngx.ctx.KONG_BODY_BUFFER = nil
end


return _M
