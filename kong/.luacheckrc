std = "ngx_lua"
globals = { "kong" }
unused_args = false
max_line_length = 120
exclude_files = { ".data" }
