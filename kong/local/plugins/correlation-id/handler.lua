-- Answers as Kong's bundled plugin of this name does.


local ngx = ngx
local kong = kong
local fmt = string.format


local CorrelationId = {
  VERSION = "3.9.1",
  PRIORITY = 100001,
}


local worker_uuid
local counter = 0


local function uuid()
  -- 16 random bytes of nginx's own, with the version and variant of RFC 9562 set.
  local hex = ngx.var.request_id
  local variant = fmt("%x", 8 + tonumber(hex:sub(17, 17), 16) % 4)
  return fmt("%s-%s-4%s-%s%s-%s", hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), variant, hex:sub(18, 20), hex:sub(21))
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
