-- Looks at the whole answer in the response phase, and may answer something else.


local kong = kong


local Buffering = {
  VERSION = "1.0.0",
  PRIORITY = 40,
}


function Buffering:response(conf)
  local body = kong.service.response.get_raw_body()
  kong.response.set_header("X-Seen", kong.service.response.get_status() .. ":" .. #body)
  if conf.replace then
    return kong.response.exit(203, "replaced", { ["X-Replaced"] = "yes" })
  end
end


return Buffering
