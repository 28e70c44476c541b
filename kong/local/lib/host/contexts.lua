-- ngx.ctx does not survive an internal redirect: it waits here under a number that does.


local ngx = ngx
local var = ngx.var
local tonumber = tonumber
local tostring = tostring


local _M = {}


local stashed = {}
-- Numbers that may be used again: few numbers mean few strings.
local free = {}


--- Keeps the context of a request that may be redirected.
function _M.stash(ctx)
  local count = #free
  local ref = free[count] or #stashed + 1
  free[count] = nil
  stashed[ref] = ctx
  ctx.stashed_as = ref
  var.ctx_ref = tostring(ref)
end


--- The context of the request, as it was before a redirect.
function _M.restore()
  local ctx = ngx.ctx
  if not ctx.route and var.ctx_ref and var.ctx_ref ~= "" then
    local kept = stashed[tonumber(var.ctx_ref)]
    if kept then
      ngx.ctx = kept
      return kept
    end
  end
  return ctx
end


--- The request is over.
function _M.drop(ctx)
  local ref = ctx.stashed_as
  if ref then
    ctx.stashed_as = nil
    stashed[ref] = false
    free[#free + 1] = ref
  end
end


return _M
