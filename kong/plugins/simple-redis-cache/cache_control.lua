-- Cache-Control as a shared cache reads it (RFC 9111, section 5.2.2).


local type = type
local find = string.find
local lower = string.lower
local match = string.match
local concat = table.concat
local min = math.min


-- RFC 9111, section 1.2.2: more than anybody means.
local MAX_SECONDS = 2 ^ 31
local TOKEN = "[%w!#$%%&'*+.^_`|~-]+"


local _M = {}


-- The argument that begins here, and where it ends; nil when its quotes do not end. What is quoted may hold commas,
-- and quotes behind a backslash.
local function argument_at(text, position)
  if text:byte(position) ~= 0x22 then
    local argument = match(text, "^[^%s,]*", position)
    return argument, position + #argument
  end
  local from = position + 1
  while true do
    local at = find(text, '["\\]', from)
    if not at then
      return nil
    end
    if text:byte(at) == 0x22 then
      return text:sub(position + 1, at - 1), at + 1
    end
    from = at + 2
  end
end


--- Directives by name in lower case: the argument, "" without one. Two different arguments are no answer
-- (RFC 9111, section 4.2.1): then it is "conflict". What cannot be read is not to be kept.
function _M.parse(value)
  local text = type(value) == "table" and concat(value, ",") or value or ""
  local directives = {}
  local position = 1
  while true do
    local first, last = find(text, TOKEN, position)
    if not first then
      return directives
    end
    local name, argument = lower(text:sub(first, last)), ""
    position = last + 1
    local _, equals = find(text, "^%s*=%s*", position)
    if equals then
      argument, position = argument_at(text, equals + 1)
      if not argument then
        return { ["no-store"] = "" }
      end
    end
    local earlier = directives[name]
    directives[name] = earlier and earlier ~= argument and "conflict" or argument
  end
end


--- The seconds of a directive; nil without it, and 0 when they make no sense, which errs towards staleness.
local function seconds(directives, name)
  local value = directives[name]
  if not value then
    return nil
  end
  return find(value, "^%d+$") and min(tonumber(value), MAX_SECONDS) or 0
end


--- For how long an answer that is fresh no more may be given out: while a new one is fetched, and when that
-- fails (RFC 5861). `limit` where the answer names no shorter time.
function _M.stale_lifetimes(directives, limit)
  if directives["must-revalidate"] or directives["proxy-revalidate"] then
    return 0, 0
  end
  return min(limit, seconds(directives, "stale-while-revalidate") or limit),
         min(limit, seconds(directives, "stale-if-error") or limit)
end


--- How long an answer to a request with Authorization is fresh for everybody; nil when it must not be kept, and
-- true when it may be, but names no time. `no-cache` and `private` count in full even where they name fields.
function _M.shared_lifetime(directives)
  if directives["private"] or directives["no-store"] or directives["no-cache"] then
    return nil
  end
  if not directives["public"] and not directives["s-maxage"] then
    return nil
  end
  return seconds(directives, "s-maxage") or seconds(directives, "max-age") or true
end


return _M
