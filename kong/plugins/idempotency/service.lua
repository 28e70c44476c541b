-- Is the service there at all? Once the request is on its way, a connection that was refused cannot be told
-- from one that broke, and only the first means that nothing happened. So it is tried before.


local ngx = ngx
local kong = kong


local IDLE_TIME = 2000
local POOL_SIZE = 8


local _M = {}


--- False only when the service's port refuses connections. A pooled connection is proof enough.
function _M.is_listening()
  local service = kong.router.get_service()
  local socket = ngx.socket.tcp()
  socket:settimeout(service.connect_timeout)
  local ok, err = socket:connect(service.host, service.port, { pool = "idempotency:" .. service.id })
  if ok then
    socket:setkeepalive(IDLE_TIME, POOL_SIZE)
    return true
  end
  return err ~= "connection refused"
end


return _M
