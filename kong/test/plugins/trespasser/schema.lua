return {
  name = "trespasser",
  fields = {
    { config = { type = "record", fields = { { unused = { type = "string" } } } } },
  },
}
