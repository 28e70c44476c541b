-- Cache-Control as a shared cache reads it (RFC 9111, section 5.2.2).


local type = type
local lower = string.lower
local concat = table.concat


local _M = {}


--- Directives by name: a string where there is an argument, else true.
function _M.parse(value)
  local directives = {}
  if type(value) == "table" then
    value = concat(value, ",")
  end
  -- Quoted arguments may hold commas, no-cache="set-cookie, x-a": without their text they cannot mislead.
  local quoted = {}
  local plain = (value or ""):gsub('"([^"]*)"', function(text)
    quoted[#quoted + 1] = text
    return '"' .. #quoted
  end)
  for directive in plain:gmatch("[^,]+") do
    local name, argument = directive:match("^%s*([%w_-]+)%s*=?%s*(%S*)%s*$")
    if name then
      local index = argument:match('^"(%d+)$')
      directives[lower(name)] = index and quoted[tonumber(index)] or argument ~= "" and argument or true
    end
  end
  return directives
end


local function seconds(value)
  local digits = type(value) == "string" and value:match("^%d+$")
  return digits and tonumber(digits)
end


--- May the answer be given out when it is fresh no more?
function _M.allows_stale(directives)
  return not directives["must-revalidate"] and not directives["proxy-revalidate"]
end


--- How long an answer to a request with Authorization is fresh for everybody; nil when it must not be kept.
function _M.shared_lifetime(directives, default)
  if directives["private"] or directives["no-store"] or directives["no-cache"] then
    return nil
  end
  local shared = seconds(directives["s-maxage"])
  if not directives["public"] and not shared then
    return nil
  end
  return shared or seconds(directives["max-age"]) or default
end


return _M
