-- Counters and histograms in shared memory, under the names that Kong's bundled plugin gives them.


local ngx = ngx
local fmt = string.format
local ipairs = ipairs
local metrics = ngx.shared.prometheus_metrics


local BUCKETS = { 5, 7, 10, 15, 20, 30, 50, 75, 100, 200, 500, 750, 1000, 3000, 6000 }

local HELP = {
  kong_http_requests_total = { "counter", "HTTP status codes per service/route in Kong" },
  kong_bandwidth_bytes = { "counter", "Total bandwidth (ingress/egress) throughput in bytes" },
  kong_request_latency_ms = { "histogram", "Total latency incurred during requests for each service/route in Kong" },
  kong_upstream_latency_ms = { "histogram", "Latency added by upstream response for each service/route in Kong" },
}


local _M = {}


function _M.count(name, labels, amount)
  metrics:incr(name .. "{" .. labels .. "}", amount, 0)
end


function _M.observe(name, labels, value)
  for _, bound in ipairs(BUCKETS) do
    if value <= bound then
      metrics:incr(fmt('%s_bucket{%s,le="%d"}', name, labels, bound), 1, 0)
    end
  end
  metrics:incr(fmt('%s_bucket{%s,le="+Inf"}', name, labels), 1, 0)
  metrics:incr(fmt("%s_count{%s}", name, labels), 1, 0)
  metrics:incr(fmt("%s_sum{%s}", name, labels), value, 0)
end


local function family_of(key)
  local name = key:match("^[^{]+")
  return HELP[name] and name or name:gsub("_bucket$", ""):gsub("_count$", ""):gsub("_sum$", "")
end


local function connection_lines()
  local var = ngx.var
  local lines = {
    "# HELP kong_nginx_connections_total Number of connections by subsystem",
    "# TYPE kong_nginx_connections_total gauge",
  }
  for _, state in ipairs { "active", "reading", "writing", "waiting" } do
    lines[#lines + 1] = fmt('kong_nginx_connections_total{node_id="%s",subsystem="http",state="%s"} %s',
                            kong.node.get_id(), state, var["connections_" .. state] or 0)
  end
  return lines
end


--- Everything counted so far, in the text format of Prometheus.
function _M.text()
  local lines = connection_lines()
  local keys = metrics:get_keys(0)
  table.sort(keys)
  local family
  for _, key in ipairs(keys) do
    if family_of(key) ~= family then
      family = family_of(key)
      lines[#lines + 1] = "# HELP " .. family .. " " .. HELP[family][2]
      lines[#lines + 1] = "# TYPE " .. family .. " " .. HELP[family][1]
    end
    lines[#lines + 1] = key .. " " .. (metrics:get(key) or 0)
  end
  return table.concat(lines, "\n") .. "\n"
end


return _M
