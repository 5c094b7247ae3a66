-- Writes the same layered random DAG of N no-op jobs as a Tallymill graph and as a ninja file.
-- usage: luajit make_graph.lua N FOLDER
local n, folder = tonumber(arg[1]), arg[2]
local width = math.floor(math.sqrt(n))
local state = 1
local function random(below)
  state = state * 48271 % 2147483647
  return state % below
end
local graph = assert(io.open(folder .. "/graphs/noop_" .. n .. ".yaml", "w"))
local ninja = assert(io.open(folder .. "/build.ninja", "w"))
graph:write("graph: noop_", n, "\nperiod: month\njobs:\n")
ninja:write("rule r\n  command = true\n")
for i = 0, n - 1 do
  graph:write("  n", i, ":\n    type: noop\n")
  ninja:write("build n", i, ": r")
  if i >= width then
    local first = (math.floor(i / width) - 1) * width
    local a, b = first + random(width), first + random(width)
    local needs = (a == b or random(2) == 0) and { a } or { a, b }
    graph:write("    needs: [n", table.concat(needs, ", n"), "]\n")
    ninja:write(" n", table.concat(needs, " n"))
  end
  ninja:write("\n")
end
graph:close()
ninja:close()
