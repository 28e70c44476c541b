-- The phases of a request, in the order and with the rules of Kong.


local boot = require "host.boot"
local contexts = require "host.contexts"
local pdk = require "host.pdk"
local proxy = require "host.proxy"
local uri = require "host.uri"


local ngx = ngx
local var = ngx.var
local ipairs = ipairs
local pcall = pcall


local _M = {}
local gateway


function _M.init()
  require "resty.core"
  _G.kong = pdk.new {
    trusted_ips = os.getenv("GATEWAY_TRUSTED_IPS") or "",
    node_id = ngx.md5(tostring(ngx.now()) .. tostring(ngx.worker.pid())),
    configuration = { error_default_type = "application/json", headers = {} },
  }
  gateway = boot.load(os.getenv("GATEWAY_ROOT"), os.getenv("GATEWAY_CONFIG"))
end


function _M.init_worker()
  for name, handler in pairs(gateway.plugins.handlers) do
    if handler.init_worker then
      handler:init_worker()
    end
    if handler.configure then
      handler:configure(gateway.plugins:configs_of(name))
    end
  end
end


local function plan_of(ctx)
  return ctx.plan or gateway.plugins.globals
end


-- One plugin's failure is logged, and costs the others nothing.
local function run(ctx, phase)
  for _, entry in ipairs(plan_of(ctx)[phase]) do
    ctx.KONG_PLUGIN = entry.name
    local handler = entry.handler
    local ok, err = pcall(handler[phase], handler, entry.config)
    if not ok then
      kong.log.err(err)
    end
  end
  ctx.KONG_PLUGIN = nil
end


function _M.rewrite()
  local ctx = ngx.ctx
  ctx.KONG_PHASE = "rewrite"
  for _, entry in ipairs(gateway.plugins.globals.rewrite) do
    ctx.KONG_PLUGIN = entry.name
    entry.handler:rewrite(entry.config)
  end
  ctx.KONG_PLUGIN = nil
end


-- An exit ends the access phase of the plugins after it, but not their later phases: those are planned already.
local function run_access(ctx)
  for _, entry in ipairs(ctx.plan.access) do
    ctx.KONG_PLUGIN = entry.name
    local ok, err = pcall(entry.handler.access, entry.handler, entry.config)
    if not ok then
      kong.log.err(err)
      ctx.KONG_PLUGIN = nil
      return kong.response.exit(500, { message = "An unexpected error occurred" })
    end
  end
  ctx.KONG_PLUGIN = nil
end


local function check_protocol(route)
  if route.takes_all_protocols then
    return
  end
  local scheme = kong.request.get_forwarded_scheme()
  for _, protocol in ipairs(route.protocols) do
    if protocol == scheme then
      return
    end
  end
  local status = route.https_redirect_status_code
  if status == 426 then
    return kong.response.exit(426, { message = "Please use HTTPS protocol" },
                              { Connection = "Upgrade", Upgrade = "TLS/1.2, HTTP/1.1" })
  end
  local location = "https://" .. kong.request.get_forwarded_host() .. var.request_uri
  return kong.response.exit(status, "", { Location = location })
end


local function proxy_buffered(ctx)
  local options = {
    method = ngx["HTTP_" .. ngx.req.get_method()],
    always_forward_body = true,
    share_all_vars = true,
    ctx = ctx,
  }
  ngx.req.read_body()
  local result = ngx.location.capture("/kong_buffered_http", options)

  -- No answer or half of one: no plugin sees it. (The status may well be 200, as on Kong.)
  if result.truncated and options.method ~= ngx.HTTP_HEAD then
    return kong.response.exit(result.status or 502, { message = "An unexpected error occurred" })
  end
  proxy.note_waiting_time(ctx)
  ctx.KONG_PHASE = "response"
  ctx.buffered_status = result.status
  ctx.buffered_headers = result.header
  ctx.buffered_body = result.body
  ngx.status = result.status
  for name, value in pairs(result.header) do
    ngx.header[name] = value
  end

  run(ctx, "response")
  ngx.send_headers()
  if options.method ~= ngx.HTTP_HEAD then
    ngx.print(result.body)
  end
  return ngx.exit(ngx.OK)
end


function _M.access()
  local ctx = ngx.ctx
  ctx.KONG_PHASE = "access"
  local path = uri.normalise(var.request_uri)
  local route, matched = gateway.router:match(ngx.req.get_method(), var.http_host, path, ngx.req.get_headers)
  if not route then
    return kong.response.error(404, "no Route matched with those values")
  end
  ctx.route = route
  ctx.service = route.service
  var.gateway_route = route.name
  check_protocol(route)

  ctx.plan = gateway.plugins.by_route[route]
  if route.service then
    proxy.prepare(route, path, matched)
  end
  run_access(ctx)
  if not route.service then
    return kong.response.error(503, "no Service found with those values")
  end

  proxy.finish()
  ctx.KONG_PROXIED = true
  contexts.stash(ctx)
  if ctx.buffered_proxying or #ctx.plan.response > 0 then
    if var.upstream_upgrade == "" then
      return proxy_buffered(ctx)
    end
    kong.log.warn("buffered proxying was turned off: connection upgrade")
  end
  if not route.request_buffering then
    return ngx.exec(route.response_buffering and "@unbuffered_request" or "@unbuffered")
  end
  if not route.response_buffering then
    return ngx.exec("@unbuffered_response")
  end
end


_M.balancer = function()
  contexts.restore()
  return proxy.balance()
end


function _M.header_filter()
  local ctx = contexts.restore()
  ctx.KONG_PHASE = "header_filter"
  proxy.note_waiting_time(ctx)
  run(ctx, "header_filter")
end


function _M.body_filter()
  local ctx = contexts.restore()
  ctx.KONG_PHASE = "body_filter"
  run(ctx, "body_filter")
end


function _M.log()
  local ctx = contexts.restore()
  ctx.KONG_PHASE = "log"
  run(ctx, "log")
  contexts.drop(ctx)
end


--- The content of nginx's own error pages: a bad request, no peer, a peer that is too slow.
function _M.handle_error()
  local ctx = contexts.restore()
  ctx.KONG_UNEXPECTED = true
  local status = ngx.status
  if status == 494 then
    status = 431
  end
  return kong.response.error(status)
end


return _M
