-- The part of `resty.http` that the plugins use: one request to a URI, its whole answer.


local ngx = ngx
local tonumber = tonumber
local concat = table.concat


local MAX_BODY_SIZE = 1048576


local _M = {}
local mt = { __index = _M }


function _M.new()
  return setmetatable({ connect_timeout = 1000, send_timeout = 1000, read_timeout = 1000 }, mt)
end


function _M:set_timeout(timeout)
  self:set_timeouts(timeout, timeout, timeout)
end


function _M:set_timeouts(connect, send, read)
  self.connect_timeout, self.send_timeout, self.read_timeout = connect, send, read
end


local function parse(url)
  local scheme, authority, target = url:match("^(https?)://([^/?#]+)([^#]*)$")
  if not scheme then
    return nil, "bad uri: " .. url
  end
  local host, port = authority:match("^(.-):(%d+)$")
  return {
    scheme = scheme,
    authority = authority,
    host = host or authority,
    port = tonumber(port) or (scheme == "https" and 443 or 80),
    target = target:sub(1, 1) == "/" and target or "/" .. target,
  }
end


local function connect(self, uri, params)
  local socket = ngx.socket.tcp()
  socket:settimeouts(self.connect_timeout, self.send_timeout, self.read_timeout)
  local ok, err = socket:connect(uri.host, uri.port)
  if not ok then
    return nil, err
  end
  if uri.scheme == "https" then
    ok, err = socket:sslhandshake(nil, uri.host, params.ssl_verify ~= false)
    if not ok then
      return nil, err
    end
  end
  return socket
end


local function read_head(socket)
  local line, err = socket:receive("*l")
  if not line then
    return nil, err
  end
  local status = tonumber(line:match("^HTTP/1%.[01] (%d%d%d)"))
  if not status then
    return nil, "malformed status line"
  end
  local headers = {}
  while true do
    line, err = socket:receive("*l")
    if not line then
      return nil, err
    end
    if line == "" then
      return status, headers
    end
    local name, value = line:match("^([^:%s]+):%s*(.-)%s*$")
    if not name then
      return nil, "malformed header"
    end
    headers[name] = value
    headers[name:lower()] = value
  end
end


local function read_chunked(socket)
  local chunks, total = {}, 0
  while true do
    local line, err = socket:receive("*l")
    local size = line and tonumber(line:match("^%x+"), 16)
    if not size then
      return nil, err or "malformed chunk"
    end
    if size == 0 then
      socket:receive("*l")
      return concat(chunks)
    end
    total = total + size
    if total > MAX_BODY_SIZE then
      return nil, "body too large"
    end
    local data
    data, err = socket:receive(size)
    if not data then
      return nil, err
    end
    chunks[#chunks + 1] = data
    socket:receive(2)
  end
end


local function read_body(socket, headers)
  if (headers["transfer-encoding"] or ""):lower():find("chunked", 1, true) then
    return read_chunked(socket)
  end
  local size = tonumber(headers["content-length"])
  if not size then
    return socket:receive("*a")
  end
  if size > MAX_BODY_SIZE then
    return nil, "body too large"
  end
  return size == 0 and "" or socket:receive(size)
end


local function exchange(socket, uri, params)
  local lines = { ("%s %s HTTP/1.1"):format(params.method or "GET", uri.target), "Host: " .. uri.authority }
  for name, value in pairs(params.headers or {}) do
    lines[#lines + 1] = name .. ": " .. value
  end
  local body = params.body or ""
  if body ~= "" then
    lines[#lines + 1] = "Content-Length: " .. #body
  end
  lines[#lines + 1] = "Connection: close\r\n\r\n"
  local ok, err = socket:send(concat(lines, "\r\n") .. body)
  if not ok then
    return nil, err
  end

  local status, headers = read_head(socket)
  if not status then
    return nil, headers
  end
  local answer
  answer, err = read_body(socket, headers)
  if not answer then
    return nil, err
  end
  return { status = status, headers = headers, body = answer }
end


--- One request, one answer; nil and a message when either fails.
function _M:request_uri(url, params)
  params = params or {}
  local uri, err = parse(url)
  if not uri then
    return nil, err
  end
  local socket
  socket, err = connect(self, uri, params)
  if not socket then
    return nil, err
  end
  local response
  response, err = exchange(socket, uri, params)
  socket:close()
  return response, err
end


return _M
