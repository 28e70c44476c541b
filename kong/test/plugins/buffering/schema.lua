return {
  name = "buffering",
  fields = {
    { config = { type = "record", fields = { { replace = { type = "boolean", default = false } } } } },
  },
}
