-- The name of an entry: `cache:GET:/api/home`, and the declared query parameters in one order.


local ipairs = ipairs
local type = type
local match = string.match
local concat = table.concat


local _M = {}


local function pairs_of(args, declared)
  local names = {}
  for _, name in ipairs(declared) do
    names[#names + 1] = name
  end
  table.sort(names)

  local pieces = {}
  for _, name in ipairs(names) do
    local value = args[name]
    if type(value) == "table" then
      value = value[1]
    end
    if type(value) == "string" and value ~= "" then
      pieces[#pieces + 1] = ngx.escape_uri(name) .. "=" .. ngx.escape_uri(value)
    end
  end
  return pieces
end


--- The declared parameters as a query string, each once, escaped and in order; "" without any.
function _M.query(args, declared)
  return concat(pairs_of(args, declared), "&")
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
