-- Ends requests before plugins of a lower priority see them, in one of four ways.


local kong = kong


local Stopper = {
  VERSION = "1.0.0",
  PRIORITY = 100,
}


local MODES = {
  exit = function() return kong.response.exit(418, { stopped = true }, { ["X-Stopped"] = "yes" }) end,
  error = function() return kong.response.error(503, "stopped") end,
  raise = function() error("stopper raised") end,
  late = function()
    -- pcall must not catch an exit, and nothing after it may run.
    pcall(kong.response.exit, 202, "first")
    kong.response.exit(500, "second")
  end,
}


function Stopper:access(conf)
  MODES[conf.mode]()
end


return Stopper
