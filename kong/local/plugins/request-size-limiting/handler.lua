-- Answers as Kong's bundled plugin of this name does.


local ngx = ngx
local kong = kong


local UNITS = { megabytes = 2 ^ 20, kilobytes = 2 ^ 10, bytes = 1 }


local RequestSizeLimiting = {
  VERSION = "3.9.1",
  PRIORITY = 951,
}


local function check(size, conf)
  if size <= conf.allowed_payload_size * UNITS[conf.size_unit] then
    return
  end
  local expect = kong.request.get_header("Expect")
  local is_asking = expect and expect:lower():match("^%s*(.-)%s*$") == "100-continue"
  return kong.response.error(is_asking and 417 or 413, "Request size limit exceeded")
end


local function size_of_file(path)
  local file = path and io.open(path, "rb")
  if not file then
    return nil
  end
  local size = file:seek("end")
  file:close()
  return size
end


function RequestSizeLimiting:access(conf)
  local size = tonumber(kong.request.get_header("Content-Length"))
  if size then
    return check(size, conf)
  end
  if conf.require_content_length then
    return kong.response.error(411, "A valid Content-Length header is required")
  end
  local body = kong.request.get_raw_body()
  local received = body and #body or size_of_file(ngx.req.get_body_file())
  if received then
    return check(received, conf)
  end
end


return RequestSizeLimiting
