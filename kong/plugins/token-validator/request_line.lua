-- The request line as it arrived. nginx writes it behind every message in its error log, and has no setting
-- against that; so what no log may hold is overwritten where the line lies in memory.


local ffi = require "ffi"
local base = require "resty.core.base"
require "resty.core.var"


local C = ffi.C
local find = string.find
local ipairs = ipairs


local OK = 0
-- Over HTTP/1 both are the same bytes.
local VARIABLES = { "request", "request_uri" }


local _M = {}


local place = ffi.new("char *[1]")
local failure = ffi.new("char *[1]")


local function blot_out_of(variable, text)
  local size = base.get_size_ptr()
  local name_buffer = base.get_string_buf(#variable)
  local code = C.ngx_http_lua_ffi_var_get(base.get_request(), variable, #variable, name_buffer, 0, place, size, failure)
  if code ~= OK then
    return
  end
  local first, last = find(ffi.string(place[0], size[0]), text, 1, true)
  if first then
    ffi.fill(place[0] + first, last - first, 0x2A)
  end
end


--- Makes stars of all of `text` but its first character. What was read out before stays as it was.
function _M.blot_out(text)
  for _, variable in ipairs(VARIABLES) do
    blot_out_of(variable, text)
  end
end


return _M
