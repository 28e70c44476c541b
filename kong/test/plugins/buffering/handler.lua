-- Looks at the whole answer in the response phase, and may answer something else.


local kong = kong
local pairs = pairs


local Buffering = {
  VERSION = "1.0.0",
  PRIORITY = 40,
}


function Buffering:response(conf)
  local body = kong.service.response.get_raw_body()
  kong.response.set_header("X-Seen", kong.service.response.get_status() .. ":" .. #body)
  local headers, walked = kong.service.response.get_headers(), 0
  for _ in pairs(headers) do
    walked = walked + 1
  end
  kong.response.set_header("X-Asked", headers["x_own"] or "nothing")
  kong.response.set_header("X-Walked", walked)
  if conf.replace then
    return kong.response.exit(203, "replaced", { ["X-Replaced"] = "yes" })
  end
end


return Buffering
