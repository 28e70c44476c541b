return {
  name = "stopper",
  fields = {
    { config = {
      type = "record",
      fields = {
        { mode = { type = "string", required = true, one_of = { "exit", "error", "raise", "late" } } },
      },
    } },
  },
}
