-- The roles of the market, least first.


local _M = {}


_M.NAMES = { "GUEST", "MEMBER", "SELLER", "ADMIN" }


local RANKS = {}
for rank, name in ipairs(_M.NAMES) do
  RANKS[name] = rank
end


--- Is this the name of a role?
function _M.known(name)
  return RANKS[name] ~= nil
end


--- May one with role `name` do what needs role `minimum`?
function _M.suffices(name, minimum)
  return RANKS[name] >= RANKS[minimum]
end


return _M
