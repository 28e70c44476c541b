-- Addresses and networks ("10.0.0.0/8") a peer may be in. IPv6 entries match as written.


local _M = {}


local function to_number(address)
  local a, b, c, d = address:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  return a and ((a * 256 + b) * 256 + c) * 256 + d
end


--- A predicate: is this address one of the list's?
function _M.matcher(list)
  local exact, networks = {}, {}
  for entry in list:gmatch("[^%s,]+") do
    local address, bits = entry:match("^(.-)/(%d+)$")
    local base = address and to_number(address)
    if base then
      local size = 2 ^ (32 - tonumber(bits))
      networks[#networks + 1] = { first = base - base % size, size = size }
    end
    exact[entry] = true
  end

  return function(address)
    if not address then
      return false
    end
    if exact[address] then
      return true
    end
    local number = to_number(address)
    for _, network in ipairs(number and networks or {}) do
      if number >= network.first and number < network.first + network.size then
        return true
      end
    end
    return false
  end
end


return _M
