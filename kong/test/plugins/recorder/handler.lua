-- Writes down in which phases it ran, with which config.


local kong = kong


local Recorder = {
  VERSION = "1.0.0",
  PRIORITY = 50,
}


function Recorder:rewrite(conf)
  kong.ctx.plugin.phases = "rewrite:" .. conf.label
end


function Recorder:access(conf)
  local phases = kong.ctx.plugin.phases
  kong.ctx.plugin.phases = (phases and phases .. " " or "") .. "access:" .. conf.label
  kong.service.request.set_header("X-Recorded", kong.ctx.plugin.phases)
end


function Recorder:header_filter(conf)
  kong.response.set_header("X-Phases", (kong.ctx.plugin.phases or "nothing") .. " header_filter:" .. conf.label)
  kong.response.set_header("X-Source", kong.response.get_source())
  kong.response.clear_header("Content-Length")
end


function Recorder:body_filter(conf)
  local body = kong.response.get_raw_body()
  if body then
    kong.response.set_raw_body(body .. "|" .. conf.label)
  end
end


function Recorder:log(conf)
  kong.log.notice("recorder logged ", kong.request.get_path(), " ", kong.response.get_status())
end


return Recorder
