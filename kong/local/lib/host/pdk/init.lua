-- The part of Kong's plugin development kit that the plugins here use, as the global `kong`.


local request = require "host.pdk.request"
local response = require "host.pdk.response"
local service = require "host.pdk.service"
local strict = require "host.pdk.strict"
local cidr = require "host.cidr"


local ngx = ngx
local var = ngx.var
local select = select
local tostring = tostring
local concat = table.concat


local function joined(...)
  local parts = {}
  for index = 1, select("#", ...) do
    parts[index] = tostring((select(index, ...)))
  end
  return concat(parts)
end


local function logger(level)
  return function(...)
    local ctx = ngx.get_phase() ~= "init" and ngx.get_phase() ~= "init_worker" and ngx.ctx or nil
    local name = ctx and ctx.KONG_PLUGIN
    ngx.log(level, name and "[" .. name .. "] " or "", joined(...))
  end
end


local log = setmetatable({
  alert = logger(ngx.ALERT),
  crit = logger(ngx.CRIT),
  err = logger(ngx.ERR),
  warn = logger(ngx.WARN),
  notice = logger(ngx.NOTICE),
  info = logger(ngx.INFO),
  debug = logger(ngx.DEBUG),
}, { __call = function(_, ...) ngx.log(ngx.NOTICE, joined(...)) end })


local function plugin_context()
  local ctx = ngx.ctx
  local all = ctx.KONG_PLUGIN_CONTEXTS
  if not all then
    all = {}
    ctx.KONG_PLUGIN_CONTEXTS = all
  end
  local name = ctx.KONG_PLUGIN or ""
  local own = all[name]
  if not own then
    own = {}
    all[name] = own
  end
  return own
end


local function shared_context()
  local ctx = ngx.ctx
  ctx.KONG_SHARED_CONTEXT = ctx.KONG_SHARED_CONTEXT or {}
  return ctx.KONG_SHARED_CONTEXT
end


local CONTEXTS = { plugin = plugin_context, shared = shared_context }


local _M = {}


function _M.new(options)
  local kong = {
    version = "3.9.1",
    version_num = 3009001,
    request = request,
    response = response,
    service = { request = service.request, response = service.response },
    log = log,
    ctx = setmetatable({}, { __index = function(_, name)
      return CONTEXTS[name] and CONTEXTS[name]()
    end }),
    client = {
      get_ip = function() return var.realip_remote_addr or var.remote_addr end,
      get_forwarded_ip = function() return var.remote_addr end,
      get_port = function() return tonumber(var.realip_remote_port or var.remote_port) end,
      get_forwarded_port = function() return tonumber(var.remote_port) end,
      get_consumer = function() return nil end,
      get_credential = function() return nil end,
    },
    router = {
      get_route = function() return ngx.ctx.route end,
      get_service = function() return ngx.ctx.service end,
    },
    ip = { is_trusted = cidr.matcher(options.trusted_ips) },
    configuration = options.configuration,
    node = { get_id = function() return options.node_id end },
  }
  return os.getenv("GATEWAY_STRICT") == "on" and strict.guard(kong) or kong
end


return _M
