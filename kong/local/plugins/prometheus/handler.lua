-- Counts as Kong's bundled plugin of this name does.


local exporter = require "kong.plugins.prometheus.exporter"


local ngx = ngx
local kong = kong
local tonumber = tonumber
local fmt = string.format
local max = math.max


local Prometheus = {
  VERSION = "3.9.1",
  PRIORITY = 13,
}


local meters = {}


local function meters_of(route, service)
  local found = meters[route]
  if not found then
    local labels = fmt('service="%s",route="%s"', service.name, route.name)
    local direction = '%s,direction="%s",workspace="default",consumer=""'
    found = {
      labels = labels,
      requests = { service = {}, exit = {}, error = {} },
      ingress = exporter.counter("kong_bandwidth_bytes", fmt(direction, labels, "ingress")),
      egress = exporter.counter("kong_bandwidth_bytes", fmt(direction, labels, "egress")),
      total = exporter.histogram("kong_request_latency_ms", labels .. ',workspace="default"'),
      upstream = exporter.histogram("kong_upstream_latency_ms", labels .. ',workspace="default"'),
    }
    meters[route] = found
  end
  return found
end


local function count_request(found)
  local status, source = kong.response.get_status(), kong.response.get_source()
  local counter = found.requests[source][status]
  if not counter then
    local labels = fmt('%s,code="%d",source="%s",workspace="default",consumer=""', found.labels, status, source)
    counter = exporter.counter("kong_http_requests_total", labels)
    found.requests[source][status] = counter
  end
  exporter.add(counter, 1)
end


function Prometheus:init_worker()
  exporter.start()
end


function Prometheus:log(conf)
  local ctx = ngx.ctx
  if not ctx.service then
    return
  end
  local found = meters_of(ctx.route, ctx.service)
  if conf.status_code_metrics then
    count_request(found)
  end
  if conf.bandwidth_metrics then
    exporter.add(found.ingress, tonumber(ngx.var.request_length) or 0)
    exporter.add(found.egress, tonumber(ngx.var.bytes_sent) or 0)
  end
  if conf.latency_metrics then
    exporter.observe(found.total, max(0, (ngx.now() - ngx.req.start_time()) * 1000))
    if ctx.KONG_WAITING_TIME then
      exporter.observe(found.upstream, ctx.KONG_WAITING_TIME)
    end
  end
end


return Prometheus
