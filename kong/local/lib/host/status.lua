-- The status listener: /status, /status/ready and /metrics.


local cjson = require "cjson.safe"


local _M = {}


local PAGES = {
  ["/status"] = function()
    return 200, { server = { worker = ngx.worker.id() }, database = { reachable = true } }
  end,
  ["/status/ready"] = function()
    if ngx.worker.exiting() then
      return 503, { message = "the gateway is draining" }
    end
    return 200, { message = "ready" }
  end,
  ["/metrics"] = function()
    local ok, exporter = pcall(require, "kong.plugins.prometheus.exporter")
    if not ok then
      return 404, { message = "Not found" }
    end
    return 200, exporter.text(), "text/plain; charset=UTF-8"
  end,
}


function _M.serve()
  local page = PAGES[ngx.var.uri]
  local status, body, content_type = 404, { message = "Not found" }, nil
  if page then
    status, body, content_type = page()
  end
  ngx.status = status
  ngx.header["Content-Type"] = content_type or "application/json; charset=utf-8"
  ngx.print(type(body) == "table" and cjson.encode(body) .. "\n" or body)
end


return _M
