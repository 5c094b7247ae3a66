std = "luajit"
max_line_length = 130
-- `row` and `p` are a rule function's parameters by convention, used or not.
unused_args = false
