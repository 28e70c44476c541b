-- Host names of services as addresses, asked of the system once, at start.


local ffi = require "ffi"


ffi.cdef [[
  struct gateway_addrinfo {
    int ai_flags; int ai_family; int ai_socktype; int ai_protocol;
    uint32_t ai_addrlen; void *ai_addr; char *ai_canonname; struct gateway_addrinfo *ai_next;
  };
  int getaddrinfo(const char *node, const char *service,
                  const struct gateway_addrinfo *hints, struct gateway_addrinfo **res);
  void freeaddrinfo(struct gateway_addrinfo *res);
  const char *inet_ntop(int af, const void *src, char *dst, uint32_t size);
]]


local AF_INET, AF_INET6, SOCK_STREAM = 2, 10, 1
local OFFSETS = { [AF_INET] = 4, [AF_INET6] = 8 }


local _M = {}


--- The first address of a name, IPv4 preferred.
function _M.resolve(name)
  local hints = ffi.new("struct gateway_addrinfo")
  hints.ai_socktype = SOCK_STREAM
  local result = ffi.new("struct gateway_addrinfo *[1]")
  if ffi.C.getaddrinfo(name, nil, hints, result) ~= 0 then
    return nil, "cannot resolve " .. name
  end

  local found = {}
  local item = result[0]
  while item ~= nil do
    local offset = OFFSETS[item.ai_family]
    if offset and not found[item.ai_family] then
      local buffer = ffi.new("char[64]")
      ffi.C.inet_ntop(item.ai_family, ffi.cast("char *", item.ai_addr) + offset, buffer, 64)
      found[item.ai_family] = ffi.string(buffer)
    end
    item = item.ai_next
  end
  ffi.C.freeaddrinfo(result[0])
  return found[AF_INET] or found[AF_INET6] and "[" .. found[AF_INET6] .. "]", "no address"
end


return _M
