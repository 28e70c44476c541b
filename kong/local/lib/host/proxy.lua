-- Prepares the request for its service, and picks the peer.


local balancer = require "ngx.balancer"
local router = require "host.router"


local ngx = ngx
local var = ngx.var
local lower = string.lower


local _M = {}


local HOP_BY_HOP = { "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "trailer" }
local PLAIN_CONNECTION = { ["close"] = true, ["keep-alive"] = true, ["upgrade"] = true, ["te"] = true }


--- Variables of the upstream request, as they stand before plugins may change them.
function _M.prepare(route, path, matched)
  local service = route.service
  var.upstream_scheme = service.protocol
  var.upstream_uri = router.upstream_path(route, path, matched)
  var.upstream_host = route.preserve_host and var.http_host or service.authority
end


local function set_forwarded()
  local peer = var.realip_remote_addr or var.remote_addr
  local is_trusted = kong.ip.is_trusted(peer)
  local before = var.http_x_forwarded_for
  var.upstream_x_forwarded_for = is_trusted and before and before .. ", " .. peer or peer
  var.upstream_x_forwarded_proto = is_trusted and var.http_x_forwarded_proto or var.scheme
  var.upstream_x_forwarded_host = is_trusted and var.http_x_forwarded_host or var.http_host or ""
  var.upstream_x_forwarded_port = is_trusted and var.http_x_forwarded_port or var.server_port
  var.upstream_x_forwarded_path = is_trusted and var.http_x_forwarded_path or kong.request.get_raw_path()
end


-- What the Connection header names is for one hop (RFC 9110, section 7.6.1).
local function clear_hop_by_hop(headers)
  local connection = var.http_connection
  if connection and not PLAIN_CONNECTION[connection] then
    for name in connection:gmatch("[^,%s]+") do
      local field = lower(name)
      if not PLAIN_CONNECTION[field] then
        ngx.req.clear_header(name)
      end
    end
  end
  for _, name in ipairs(HOP_BY_HOP) do
    if headers[name] then
      ngx.req.clear_header(name)
    end
  end
end


--- After the plugins' access phase: the last words before the request leaves.
function _M.finish()
  set_forwarded()
  clear_hop_by_hop(kong.request.all_headers())
  local te = var.http_te
  var.upstream_te = te and te:find("trailers", 1, true) and "trailers" or ""
  if var.is_args == "?" or var.request_uri:sub(-1) == "?" then
    var.upstream_uri = var.upstream_uri .. "?" .. (var.args or "")
  end
end


--- balancer_by_lua: the service's address, its timeouts and its retries.
function _M.balance()
  local ctx = ngx.ctx
  local service = ctx.service
  local tries = (ctx.balancer_tries or 0) + 1
  ctx.balancer_tries = tries
  if tries == 1 and service.retries > 0 then
    balancer.set_more_tries(service.retries)
  end
  balancer.set_timeouts(service.connect_timeout / 1000, service.write_timeout / 1000, service.read_timeout / 1000)
  local ok, err = balancer.set_current_peer(service.address, service.port)
  if not ok then
    ngx.log(ngx.ERR, "cannot set the peer ", service.address, ":", service.port, ": ", err)
    return ngx.exit(500)
  end
  ctx.KONG_BALANCER_ENDED_AT = ngx.now()
end


--- How long the service took to begin its answer, in milliseconds.
function _M.note_waiting_time(ctx)
  local asked_at = ctx.KONG_BALANCER_ENDED_AT
  if asked_at and not ctx.KONG_WAITING_TIME then
    ctx.KONG_WAITING_TIME = (ngx.now() - asked_at) * 1000
  end
end


return _M
