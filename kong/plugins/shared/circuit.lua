-- Whether a server may be called now, as far as this worker knows. One that gave no answer is left alone for a
-- while: calls fail at once. Then one call tries it, while the others still fail at once; an answer ends it.
--
-- Only silence opens it, and only when nobody had an answer since the silent call began: otherwise the server is
-- well, and that one call was slow. A single slow command that stops the server for all of them costs the first
-- pause, which is short; each call that tries in vain doubles it.


local ngx = ngx
local min = math.min


local FIRST_PAUSE, LAST_PAUSE = 0.1, 1


local _M = {}


function _M.new()
  return { is_open = false, opened_at = 0, tried_after = 0, answered_at = 0, pause = FIRST_PAUSE }
end


--- When this call began, to say so later; nil when it must not be made. `patience` is the longest it may take,
-- in seconds: one that tries and never comes back is replaced after that.
function _M.enter(circuit, patience)
  local now = ngx.now()
  if not circuit.is_open then
    return now
  end
  if now < circuit.tried_after then
    return nil
  end
  circuit.tried_after = now + patience
  return now
end


function _M.answered(circuit)
  circuit.is_open = false
  circuit.answered_at = ngx.now()
  circuit.pause = FIRST_PAUSE
end


--- A call that began at `entered_at` had no answer.
function _M.failed(circuit, entered_at)
  if entered_at < circuit.answered_at or circuit.is_open and entered_at <= circuit.opened_at then
    return
  end
  local now = ngx.now()
  circuit.is_open = true
  circuit.opened_at = now
  circuit.tried_after = now + circuit.pause
  circuit.pause = min(circuit.pause * 2, LAST_PAUSE)
end


return _M
