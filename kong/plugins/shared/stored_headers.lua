-- Which of an answer's headers may be kept and given to somebody else, or to somebody later.


local lower = string.lower
local pairs = pairs


local LEFT_OUT = {
  -- One hop's only (RFC 9110, section 7.6.1).
  ["connection"] = true, ["keep-alive"] = true, ["proxy-authenticate"] = true, ["proxy-authorization"] = true,
  ["proxy-connection"] = true, ["te"] = true, ["trailer"] = true, ["transfer-encoding"] = true, ["upgrade"] = true,
  -- Set again for the answer that is made from what was kept.
  ["content-length"] = true, ["date"] = true, ["age"] = true,
  -- One client's, or one request's.
  ["set-cookie"] = true, ["x-request-id"] = true, ["traceparent"] = true, ["server-timing"] = true,
}


local _M = {}


--- A copy without those that must not be kept. What Connection names is for one hop as well.
function _M.select(headers)
  local named = {}
  local kept = {}
  for name, value in pairs(headers) do
    if lower(name) == "connection" and type(value) == "string" then
      for token in value:gmatch("[^,%s]+") do
        named[lower(token)] = true
      end
    end
  end
  for name, value in pairs(headers) do
    local plain = lower(name)
    if not LEFT_OUT[plain] and not named[plain] and plain:find("ratelimit", 1, true) == nil then
      kept[name] = value
    end
  end
  return kept
end


return _M
