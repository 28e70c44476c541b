return {
  name = "recorder",
  fields = {
    { config = {
      type = "record",
      fields = {
        { label = { type = "string", required = true } },
        { priority_note = { type = "string" } },
      },
    } },
  },
}
