-- The phases of a request, in the order and with the rules of Kong.


local addresses = require "host.addresses"
local config = require "host.config"
local pdk = require "host.pdk"
local plugins = require "host.plugins"
local proxy = require "host.proxy"
local resolver = require "host.resolver"
local router = require "host.router"
local uri = require "host.uri"


local ngx = ngx
local var = ngx.var
local ipairs = ipairs
local pcall = pcall


local _M = {}
local gateway = {}

-- ngx.ctx does not survive an internal redirect: it waits here under a number that does.
local stashed = {}
local last_stashed = 0


local function die(errors)
  for _, message in ipairs(errors) do
    io.stderr:write("gateway: kong.yml: ", message, "\n")
  end
  os.exit(1)
end


local function plugin_path(root, name)
  local file = name:match("^kong%.plugins%.(.+)$")
  if not file then
    return
  end
  file = file:gsub("%.", "/") .. ".lua"
  local roots = { root .. "/plugins/", root .. "/local/plugins/" }
  for extra in (os.getenv("GATEWAY_PLUGINS") or ""):gmatch("[^:]+") do
    table.insert(roots, 1, extra .. "/")
  end
  for _, folder in ipairs(roots) do
    local handle = io.open(folder .. file)
    if handle then
      handle:close()
      return folder .. file
    end
  end
end


-- `kong.plugins.<name>.<module>`: ours, then the stand-ins for those that Kong bundles.
local function install_loader(root)
  table.insert(package.loaders, 2, function(name)
    local path = plugin_path(root, name)
    return path and assert(loadfile(path))
  end)
end


local function read_file(path)
  local file, err = io.open(path, "rb")
  if not file then
    die { err }
  end
  local text = file:read("*a")
  file:close()
  return text
end


local function identify(kind, entity)
  local hex = ngx.md5(kind .. ":" .. entity.name)
  entity.id = entity.id or hex:gsub("^(........)(....)(....)(....)(.*)$", "%1-%2-%3-%4-%5")
end


local function resolve_services(services)
  local errors = {}
  for _, service in pairs(services) do
    identify("service", service)
    local address, err = resolver.resolve(service.host)
    if not address then
      errors[#errors + 1] = "service " .. service.name .. ": host: " .. err
    end
    service.address = address
    local is_default = service.protocol == "http" and service.port == 80
      or service.protocol == "https" and service.port == 443
    service.authority = is_default and service.host or service.host .. ":" .. service.port
  end
  if #errors > 0 then
    die(errors)
  end
end


-- Kong's cosockets resolve names by themselves; so do these.
local function let_sockets_resolve()
  local tcp = ngx.socket.tcp
  ngx.socket.tcp = function(...) -- luacheck: ignore 122
    local socket, err = tcp(...)
    if not socket then
      return nil, err
    end
    local connect = socket.connect
    socket.connect = function(self, host, ...)
      local address, failure = host, nil
      if host:sub(1, 5) ~= "unix:" then
        address, failure = addresses.of(host)
      end
      if not address then
        return nil, failure
      end
      return connect(self, address, ...)
    end
    return socket
  end
end


function _M.init()
  require "resty.core"
  let_sockets_resolve()
  install_loader(os.getenv("GATEWAY_ROOT"))
  _G.kong = pdk.new {
    trusted_ips = os.getenv("GATEWAY_TRUSTED_IPS") or "",
    node_id = ngx.md5(tostring(ngx.now()) .. tostring(ngx.worker.pid())),
    configuration = { error_default_type = "application/json", headers = {} },
  }

  local parsed, errors = config.parse(read_file(os.getenv("GATEWAY_CONFIG")))
  if not parsed then
    die(errors)
  end
  resolve_services(parsed.services)
  for _, route in ipairs(parsed.routes) do
    identify("route", route)
    -- The default, and then there is nothing to check.
    route.takes_all_protocols = #route.protocols == 2 and route.protocols[1] ~= route.protocols[2]
  end
  gateway.config = parsed
  gateway.router = router.new(parsed.routes)
  gateway.plugins, errors = plugins.new(parsed)
  if not gateway.plugins then
    die(errors)
  end
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


local function stash(ctx)
  last_stashed = last_stashed + 1
  stashed[last_stashed] = ctx
  var.ctx_ref = tostring(last_stashed)
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
    return kong.response.error(result.status or 502)
  end
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
  stash(ctx)
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


local function restore_ctx()
  local ctx = ngx.ctx
  if not ctx.route and var.ctx_ref and var.ctx_ref ~= "" then
    local kept = stashed[tonumber(var.ctx_ref)]
    if kept then
      ngx.ctx = kept
      return kept
    end
  end
  return ctx
end


_M.balancer = function()
  restore_ctx()
  return proxy.balance()
end


function _M.header_filter()
  local ctx = restore_ctx()
  ctx.KONG_PHASE = "header_filter"
  run(ctx, "header_filter")
end


function _M.body_filter()
  local ctx = restore_ctx()
  ctx.KONG_PHASE = "body_filter"
  run(ctx, "body_filter")
end


function _M.log()
  local ctx = restore_ctx()
  ctx.KONG_PHASE = "log"
  run(ctx, "log")
  local ref = var.ctx_ref
  if ref and ref ~= "" then
    stashed[tonumber(ref)] = nil
  end
end


--- The content of nginx's own error pages: a bad request, no peer, a peer that is too slow.
function _M.handle_error()
  local ctx = restore_ctx()
  ctx.KONG_UNEXPECTED = true
  local status = ngx.status
  if status == 494 then
    status = 431
  end
  return kong.response.error(status)
end


return _M
