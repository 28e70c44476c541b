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
  local total
  for number in (times or ""):gmatch("[%d.]+") do
    total = (total or 0) + tonumber(number)
  end
  return total
end


function Prometheus:log(conf)
  local route, service = kong.router.get_route(), kong.router.get_service()
  if not service then
    return
  end
  local var = ngx.var
  local labels = fmt('service="%s",route="%s"', service.name, route.name)

  if conf.status_code_metrics then
    exporter.count("kong_http_requests_total", fmt('%s,code="%d",source="%s",workspace="default",consumer=""', labels,
                   kong.response.get_status(), kong.response.get_source()), 1)
  end
  if conf.bandwidth_metrics then
    local direction = '%s,direction="%s",workspace="default",consumer=""'
    exporter.count("kong_bandwidth_bytes", fmt(direction, labels, "ingress"), tonumber(var.request_length) or 0)
    exporter.count("kong_bandwidth_bytes", fmt(direction, labels, "egress"), tonumber(var.bytes_sent) or 0)
  end
  if conf.latency_metrics then
    local scope = labels .. ',workspace="default"'
    exporter.observe("kong_request_latency_ms", scope, (tonumber(var.request_time) or 0) * 1000)
    local upstream = sum_of(var.upstream_response_time)
    if upstream then
      exporter.observe("kong_upstream_latency_ms", scope, upstream * 1000)
    end
  end
end


return Prometheus
