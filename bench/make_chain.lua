-- Writes two chains of N jobs: no-ops, and transforms of a dataset of one row.
-- usage: luajit make_chain.lua N FOLDER
local n, folder = tonumber(arg[1]), arg[2]
local noop = assert(io.open(folder .. "/graphs/noop_chain.yaml", "w"))
noop:write "graph: noop_chain\nperiod: month\njobs:\n"
for i = 1, n do
  noop:write("  n", i, ":\n    type: noop\n")
  if i > 1 then noop:write("    needs: [n", i - 1, "]\n") end
end
noop:close()
local data = assert(io.open(folder .. "/graphs/data_chain.yaml", "w"))
data:write [[
graph: data_chain
period: month
jobs:
  d0:
    type: extract
    from: { connector: files, path: one.csv }
    into: d0
    key: [k]
    columns: { k: { type: integer, required: true }, amount: money }
]]
for i = 1, n do
  data:write(string.format([[
  d%d:
    type: transform
    inputs: [d%d]
    sql: select k, amount from d%d
    into: d%d
    key: [k]
    columns: { k: integer, amount: money }
    balance: { in: { dataset: d%d, amount: amount }, out: { amount: amount } }
]], i, i - 1, i - 1, i, i - 1))
end
data:close()
