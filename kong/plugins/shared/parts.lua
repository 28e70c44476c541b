-- Several strings as one that no other list of strings gives: each is preceded by its length.


local select = select
local concat = table.concat


local _M = {}


function _M.join(...)
  local pieces = {}
  for index = 1, select("#", ...) do
    local part = (select(index, ...)) or ""
    pieces[index] = #part .. ":" .. part
  end
  return concat(pieces)
end


return _M
