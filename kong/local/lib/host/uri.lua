-- Request paths in one spelling, so that no other spelling of a path slips past a route.


local fmt = string.format
local byte = string.byte
local char = string.char


local _M = {}


local function is_unreserved(code)
  return code >= 0x30 and code <= 0x39 or code >= 0x41 and code <= 0x5A or code >= 0x61 and code <= 0x7A
    or code == 0x2D or code == 0x2E or code == 0x5F or code == 0x7E
end


local function decode(hex)
  local code = tonumber(hex, 16)
  if is_unreserved(code) then
    return char(code)
  end
  return "%" .. hex:upper()
end


local function encode(character)
  return fmt("%%%02X", byte(character))
end


local function without_dot_segments(path)
  local segments = {}
  for segment in path:gmatch("/([^/]*)") do
    segments[#segments + 1] = segment
  end
  local kept = {}
  for index, segment in ipairs(segments) do
    local is_last = index == #segments
    if segment == ".." then
      kept[#kept] = nil
    elseif segment ~= "." then
      kept[#kept + 1] = segment
    end
    if is_last and (segment == "." or segment == "..") then
      kept[#kept + 1] = ""
    end
  end
  return "/" .. table.concat(kept, "/")
end


--- The path of a request target, normalised as RFC 3986 (section 6.2.2) says, with slashes merged.
function _M.normalise(target)
  local path = target:match("^[^?#]*")
  if path:byte(1) ~= 0x2F then
    path = path:match("^%a[%w+.-]*://[^/]*(/.*)$") or "/" .. (path:match("^%a[%w+.-]*://") and "" or path)
  end
  if path:find("%", 1, true) then
    path = path:gsub("%%(%x%x)", decode)
  end
  if path:find("[^!-~]") then
    path = path:gsub("[^!-~]", encode)
  end
  if path:find("//", 1, true) then
    path = path:gsub("//+", "/")
  end
  if path:find("/.", 1, true) then
    path = without_dot_segments(path)
  end
  return path
end


return _M
