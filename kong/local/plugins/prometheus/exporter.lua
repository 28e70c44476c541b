-- Counters and histograms in shared memory, under the names that Kong's bundled plugin gives them.


local ngx = ngx
local fmt = string.format
local ipairs = ipairs
local pairs = pairs
local metrics = ngx.shared.prometheus_metrics


local BUCKETS = { 25, 50, 80, 100, 250, 400, 700, 1000, 2000, 5000, 10000, 30000, 60000 }
local FLUSH_INTERVAL = 1

local HELP = {
  kong_http_requests_total = { "counter", "HTTP status codes per service/route in Kong" },
  kong_bandwidth_bytes = { "counter", "Total bandwidth (ingress/egress) throughput in bytes" },
  kong_request_latency_ms = { "histogram", "Total latency incurred during requests for each service/route in Kong" },
  kong_upstream_latency_ms = { "histogram", "Latency added by upstream response for each service/route in Kong" },
}


local _M = {}


-- Each worker counts for itself, and adds to the shared memory once a second.
local counters = {}


local function counter(key)
  local new = { key = key, amount = 0 }
  counters[#counters + 1] = new
  return new
end


function _M.flush()
  for _, counted in ipairs(counters) do
    if counted.amount ~= 0 then
      metrics:incr(counted.key, counted.amount, 0)
      counted.amount = 0
    end
  end
end


function _M.start()
  ngx.timer.every(FLUSH_INTERVAL, _M.flush)
end


--- A counter. Callers keep it: its name is put together only once.
function _M.counter(name, labels)
  return counter(name .. "{" .. labels .. "}")
end


--- A histogram. A value is counted in its own bucket; that buckets hold the smaller ones is for the reader.
function _M.histogram(name, labels)
  local buckets = {}
  for index, bound in ipairs(BUCKETS) do
    buckets[index] = counter(fmt('%s_bucket{%s,le="%d"}', name, labels, bound))
  end
  return {
    buckets = buckets,
    infinite = counter(fmt('%s_bucket{%s,le="+Inf"}', name, labels)),
    sum = counter(fmt("%s_sum{%s}", name, labels)),
  }
end


function _M.add(counted, amount)
  counted.amount = counted.amount + amount
end


function _M.observe(histogram, value)
  _M.add(histogram.sum, value)
  for index = 1, #BUCKETS do
    if value <= BUCKETS[index] then
      return _M.add(histogram.buckets[index], 1)
    end
  end
  _M.add(histogram.infinite, 1)
end


-- Counts of one bucket each as counts up to each bucket, and their total as `_count`.
local function add_histogram_lines(lines, values)
  local seen = {}
  for key in pairs(values) do
    local name, labels = key:match('^(.-)_bucket{(.*),le="[^"]*"}$')
    local id = name and name .. "{" .. labels .. "}"
    if id and not seen[id] then
      seen[id] = true
      local total = 0
      for _, bound in ipairs(BUCKETS) do
        local bucket = fmt('%s_bucket{%s,le="%d"}', name, labels, bound)
        total = total + (values[bucket] or 0)
        lines[#lines + 1] = bucket .. " " .. total
      end
      total = total + (values[fmt('%s_bucket{%s,le="+Inf"}', name, labels)] or 0)
      lines[#lines + 1] = fmt('%s_bucket{%s,le="+Inf"} %d', name, labels, total)
      lines[#lines + 1] = fmt("%s_count{%s} %d", name, labels, total)
      lines[#lines + 1] = fmt("%s_sum{%s} %s", name, labels, values[fmt("%s_sum{%s}", name, labels)] or 0)
    end
  end
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


local function values_of(family)
  local values = {}
  for _, key in ipairs(metrics:get_keys(0)) do
    if key:sub(1, #family) == family then
      values[key] = metrics:get(key)
    end
  end
  return values
end


--- Everything counted so far, in the text format of Prometheus.
function _M.text()
  _M.flush()
  local lines = connection_lines()
  for family, help in pairs(HELP) do
    lines[#lines + 1] = "# HELP " .. family .. " " .. help[2]
    lines[#lines + 1] = "# TYPE " .. family .. " " .. help[1]
    local values = values_of(family)
    if help[1] == "histogram" then
      add_histogram_lines(lines, values)
    else
      for key, value in pairs(values) do
        lines[#lines + 1] = key .. " " .. value
      end
    end
  end
  return table.concat(lines, "\n") .. "\n"
end


return _M
