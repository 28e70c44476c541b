-- Answers as Kong's bundled plugin of this name does.


local ngx = ngx
local kong = kong
local fmt = string.format
local random = math.random


local CorrelationId = {
  VERSION = "3.9.1",
  PRIORITY = 100001,
}


local worker_uuid
local counter = 0


-- RFC 9562, version 4, from a generator that each worker seeds once: an id has to be unique, not secret.
local function uuid()
  return fmt("%08x-%04x-4%03x-%04x-%04x%08x", random(0, 0xFFFFFFFF), random(0, 0xFFFF), random(0, 0xFFF),
             random(0x8000, 0xBFFF), random(0, 0xFFFF), random(0, 0xFFFFFFFF))
end


local GENERATORS = {
  uuid = uuid,
  ["uuid#counter"] = function()
    worker_uuid = worker_uuid or uuid()
    counter = counter + 1
    return worker_uuid .. "#" .. counter
  end,
  tracker = function()
    local var = ngx.var
    return fmt("%s-%s-%d-%s-%s-%0.3f", var.server_addr, var.server_port, ngx.worker.pid(),
               var.connection, var.connection_requests, ngx.now())
  end,
}


function CorrelationId:init_worker()
  local file = assert(io.open("/dev/urandom", "rb"))
  local a, b, c, d, e, f = file:read(6):byte(1, 6)
  file:close()
  math.randomseed(((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f)
end


function CorrelationId:access(conf)
  local id = kong.request.get_header(conf.header_name)
  if not id or id == "" then
    id = GENERATORS[conf.generator]()
    kong.service.request.set_header(conf.header_name, id)
  end
  if conf.echo_downstream then
    kong.ctx.plugin.id = id
  end
end


function CorrelationId:header_filter(conf)
  if not conf.echo_downstream then
    return
  end
  local id = kong.ctx.plugin.id or kong.request.get_header(conf.header_name)
  if not id or id == "" then
    id = GENERATORS[conf.generator]()
  end
  kong.response.set_header(conf.header_name, id)
end


return CorrelationId
