-- Problem documents (RFC 9457), in the one shape that every part of the market answers with.


local cjson = require "cjson.safe"


local kong = kong


local TITLES = {
  [400] = "Bad Request",
  [401] = "Unauthorized",
  [403] = "Forbidden",
  [404] = "Not Found",
  [405] = "Method Not Allowed",
  [408] = "Request Timeout",
  [409] = "Conflict",
  [411] = "Length Required",
  [413] = "Content Too Large",
  [414] = "URI Too Long",
  [415] = "Unsupported Media Type",
  [417] = "Expectation Failed",
  [422] = "Unprocessable Content",
  [426] = "Upgrade Required",
  [429] = "Too Many Requests",
  [431] = "Request Header Fields Too Large",
  [500] = "Internal Server Error",
  [501] = "Not Implemented",
  [502] = "Bad Gateway",
  [503] = "Service Unavailable",
  [504] = "Gateway Timeout",
}


local _M = {}


_M.CONTENT_TYPE = "application/problem+json"


-- A path may hold any bytes; JSON may not.
local function printable(path)
  return (path:gsub("[^!-~]", function(character)
    return ("%%%02X"):format(character:byte())
  end))
end


--- The document as text. `problem` has code and detail, and request_id where the request itself has none.
function _M.encode(status, problem)
  return cjson.encode {
    type = problem.code and "https://doa.market/problems/" .. problem.code or "about:blank",
    title = TITLES[status] or "Error",
    status = status,
    detail = problem.detail,
    instance = printable(kong.request.get_raw_path()),
    code = problem.code,
    requestId = problem.request_id or kong.request.get_header("X-Request-Id"),
  }
end


--- Answers with a problem and ends the request.
function _M.exit(status, problem, headers)
  local fields = headers or {}
  fields["Content-Type"] = _M.CONTENT_TYPE
  fields["Cache-Control"] = fields["Cache-Control"] or "private, no-store"
  return kong.response.exit(status, _M.encode(status, problem), fields)
end


return _M
