-- Whether the service's answer came whole. On a buffered route the `response` phase runs only then; when it
-- does not, the gateway's own error may even carry the status of the half of an answer that came.


local kong = kong
local pairs = pairs


local MAX_HEADERS = 1000


local _M = {}


--- In access, when the request goes on to its service.
function _M.expect()
  kong.ctx.shared.expects_answer = true
end


--- In response.
function _M.arrived()
  kong.ctx.shared.expects_answer = false
end


--- In response: the service's headers, by their names in small letters. What the PDK has of them can be asked but
-- not walked through; what the client gets can be walked through, and has all of their names.
function _M.headers()
  local sent = kong.service.response.get_headers(MAX_HEADERS)
  local headers = {}
  for name in pairs(kong.response.get_headers(MAX_HEADERS)) do
    headers[name] = sent[name]
  end
  return headers
end


--- Later: did it not come?
function _M.is_missing()
  return kong.ctx.shared.expects_answer == true
end


--- Says that what the gateway gives now is a service's own answer, kept from before.
function _M.mark_kept()
  kong.ctx.shared.gives_kept_answer = true
end


--- Are these the gateway's own words?
function _M.is_own()
  return kong.response.get_source() ~= "service" and not kong.ctx.shared.gives_kept_answer
end


--- What to answer instead of an error: { status, headers, body }.
function _M.set_fallback(fallback)
  kong.ctx.shared.fallback_answer = fallback
end


function _M.fallback()
  return kong.ctx.shared.fallback_answer
end


return _M
