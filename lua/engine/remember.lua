--- Keeps what a text gave. A literal inside a rule's function meets every row: remembered, it costs a
--- look into `known.values`, which compiles with the loop, where reading the text again would not.
--- Rules must not reach this: it would keep something between their rows.

local MAX_REMEMBERED, MAX_LENGTH = 1000, 40  -- texts may come from data, too

local remember = {}

--- What is remembered of one function.
---@return { values: table<string, any>, count: integer }
function remember.memory() return { values = {}, count = 0 } end

---@generic V
---@param known { values: table<string, V>, count: integer }
---@param text string
---@param value V
---@return V value
function remember.keep(known, text, value)
  if #text > MAX_LENGTH then return value end
  if known.count >= MAX_REMEMBERED then known.values, known.count = {}, 0 end
  known.values[text], known.count = value, known.count + 1
  return value
end

return remember
