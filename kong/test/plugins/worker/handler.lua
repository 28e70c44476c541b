-- Says which of the gateway's workers gave an answer.


local ngx = ngx
local kong = kong


local Worker = {
  VERSION = "1.0.0",
  PRIORITY = 50,
}


function Worker:header_filter()
  kong.response.set_header("X-Worker", ngx.worker.id())
end


return Worker
