-- The name of an entry: `cache:GET:/api/home`, and the declared query parameters in one order.


local ipairs = ipairs
local type = type
local match = string.match
local concat = table.concat


local _M = {}


local function contains(list, wanted)
  for _, name in ipairs(list) do
    if name == wanted then
      return true
    end
  end
  return false
end


-- What an argument says: its first value, or all of them in one order where it may come several times.
local function values_of(arg, may_repeat)
  if type(arg) ~= "table" then
    return { arg }
  end
  if not may_repeat then
    return { arg[1] }
  end
  local values = {}
  for _, value in ipairs(arg) do
    if type(value) == "string" then
      values[#values + 1] = value
    end
  end
  table.sort(values)
  return values
end


local function pairs_of(args, declared, repeated)
  local names = {}
  for _, name in ipairs(declared) do
    names[#names + 1] = name
  end
  table.sort(names)

  local pieces = {}
  for _, name in ipairs(names) do
    for _, value in ipairs(values_of(args[name], contains(repeated, name))) do
      if type(value) == "string" and value ~= "" then
        pieces[#pieces + 1] = ngx.escape_uri(name) .. "=" .. ngx.escape_uri(value)
      end
    end
  end
  return pieces
end


--- The declared parameters as a query string, escaped and in order, each once but for those that may be repeated;
-- "" without any.
function _M.query(args, declared, repeated)
  return concat(pairs_of(args, declared, repeated), "&")
end


function _M.of(path, query)
  return "cache:GET:" .. path .. (query ~= "" and "?" .. query or "")
end


--- Where a purge of the entry's path leaves its mark, which holds for the path with whatever parameters, and with a
-- slash at its end as well: services take that for the same.
function _M.mark_of(key)
  local path = match(match(key, "^cache:([^?]*)"), "^(.-)/*$")
  return "cache:purged:" .. path
end


return _M
