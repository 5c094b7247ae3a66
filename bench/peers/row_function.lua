-- The five conditions in plain Lua 5.4 over row tables: lua5.4 row_function.lua ROWS
-- The tables are made before the clock starts; messages are made as a rule's are.
local rows = tonumber(arg[1])
local SAMPLE = 131072 -- rows that are asked again and again, as the loop of lua_check_rule is

local function check(row, p)
  if row.gift > row.declared then
    return "CC04", ("gift %.2f is over the declared %.2f"):format(row.gift / 100, row.declared / 100)
  end
  if row.gift > p.limit then return "CC05", ("gift %.2f is over the limit"):format(row.gift / 100) end
  if row.gift_date < row.start_date or row.gift_date > row.end_date then
    return "CC03", ("given on %d"):format(row.gift_date)
  end
  if row.channel == "unknown" then return "CC06", "channel " .. row.channel end
  if row.city == "Hangzhou" and row.campaign == "P07" then
    return "CC07", row.campaign .. " is not for " .. row.city
  end
end

local sample = {}
for n = 0, SAMPLE - 1 do
  sample[n + 1] = {
    campaign = ("P%02d"):format(n % 50),
    channel = n % 400 == 7 and "unknown" or "channel number " .. n % 5,
    city = n % 1000 == 7 and "Hangzhou" or "city" .. n % 11,
    gift = n * 7919 % 40000 + (n % 200 == 3 and 30000 or 0),
    declared = 40000,
    gift_date = 20454 + n % 31,
    start_date = 20454,
    end_date = n % 250 == 30 and 20454 or 20484,
  }
end
local p, findings = { limit = 50000 }, 0
local start = os.clock()
for n = 0, rows - 1 do
  if check(sample[n % SAMPLE + 1], p) then findings = findings + 1 end
end
local ns = (os.clock() - start) * 1e9
print(("%d rows, %d findings, %.1f ns/row, %.1f Mrow/s"):format(rows, findings, ns / rows, rows / ns * 1e3))
