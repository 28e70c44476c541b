-- Counts as Kong's bundled plugin of this name does.


local exporter = require "kong.plugins.prometheus.exporter"


local ngx = ngx
local kong = kong
local tonumber = tonumber
local fmt = string.format


local Prometheus = {
  VERSION = "3.9.1",
  PRIORITY = 13,
}


-- A retried request has one time per try: "0.001, 0.020".
local function sum_of(times)
  local total = times and tonumber(times)
  for number in (total == nil and times or ""):gmatch("[%d.]+") do
    total = (total or 0) + tonumber(number)
  end
  return total
end


local meters = {}


local function meters_of(route, service)
  local found = meters[route]
  if not found then
    local labels = fmt('service="%s",route="%s"', service.name, route.name)
    local direction = '%s,direction="%s",workspace="default",consumer=""'
    found = {
      labels = labels,
      requests = {},
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
  local name = status .. source
  local counter = found.requests[name]
  if not counter then
    local labels = fmt('%s,code="%d",source="%s",workspace="default",consumer=""', found.labels, status, source)
    counter = exporter.counter("kong_http_requests_total", labels)
    found.requests[name] = counter
  end
  counter(1)
end


function Prometheus:init_worker()
  exporter.start()
end


function Prometheus:log(conf)
  local route, service = kong.router.get_route(), kong.router.get_service()
  if not service then
    return
  end
  local var = ngx.var
  local found = meters_of(route, service)
  if conf.status_code_metrics then
    count_request(found)
  end
  if conf.bandwidth_metrics then
    found.ingress(tonumber(var.request_length) or 0)
    found.egress(tonumber(var.bytes_sent) or 0)
  end
  if conf.latency_metrics then
    found.total((tonumber(var.request_time) or 0) * 1000)
    local upstream = sum_of(var.upstream_response_time)
    if upstream then
      found.upstream(upstream * 1000)
    end
  end
end


return Prometheus
