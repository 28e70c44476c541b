-- Conditional requests (RFC 9110, section 13): does the reader have the kept answer already?


local ngx = ngx
local kong = kong
local type = type
local gmatch = string.gmatch
local match = string.match


local _M = {}


--- What the request asks; read before the headers are taken away from it.
function _M.of_request()
  return {
    none_match = kong.request.get_header("If-None-Match"),
    modified_since = kong.request.get_header("If-Modified-Since"),
  }
end


-- Weak comparison: W/ is passed over on both sides. The quotes stay on, so that commas within are no matter.
local function names(none_match, etag)
  if match(none_match, "^%s*%*%s*$") then
    return true
  end
  local wanted = type(etag) == "string" and match(etag, '"[^"]*"')
  for candidate in gmatch(none_match, '"[^"]*"') do
    if candidate == wanted then
      return true
    end
  end
  return false
end


--- If-Modified-Since counts only where there is no If-None-Match.
function _M.is_met(condition, headers)
  if condition.none_match then
    return names(condition.none_match, headers["etag"])
  end
  local modified = headers["last-modified"]
  if not condition.modified_since or type(modified) ~= "string" then
    return false
  end
  local since, changed = ngx.parse_http_time(condition.modified_since), ngx.parse_http_time(modified)
  return since ~= nil and changed ~= nil and changed <= since
end


return _M
