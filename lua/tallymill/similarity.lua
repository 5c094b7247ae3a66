--- How alike two texts are, by characters. Both take time in the product of the lengths.
local characters = require "tallymill.characters"

local similarity = {}

local chars = characters.chars
local max, min = math.max, math.min

--- Fewest insertions, deletions and replacements of characters that make one text the other.
---@param a string
---@param b string
---@return integer
function similarity.edit_distance(a, b)
  if a == b then return 0 end
  local left, right = chars(a), chars(b)
  local before = {}
  for j = 0, #right do before[j] = j end
  for i = 1, #left do
    local corner = before[0]
    before[0] = i
    for j = 1, #right do
      local above = before[j]
      local change = left[i] == right[j] and corner or corner + 1
      before[j] = min(change, above + 1, before[j - 1] + 1)
      corner = above
    end
  end
  return before[#right]
end

--- 1 for equal texts, 0 for texts that share nothing: 1 - edit distance / length of the longer one.
---@param a string
---@param b string
---@return number
function similarity.edit_ratio(a, b)
  local longest = max(characters.len(a), characters.len(b))
  if longest == 0 then return 1 end
  return 1 - similarity.edit_distance(a, b) / longest
end

local function jaro(left, right)
  local n, m = #left, #right
  if n == 0 and m == 0 then return 1 end
  if n == 0 or m == 0 then return 0 end
  local window = max(0, math.floor(max(n, m) / 2) - 1)
  local in_left, in_right, common = {}, {}, 0
  for i = 1, n do
    for j = max(1, i - window), min(m, i + window) do
      if not in_right[j] and left[i] == right[j] then
        in_left[i], in_right[j] = true, true
        common = common + 1
        break
      end
    end
  end
  if common == 0 then return 0 end
  local swapped, j = 0, 1
  for i = 1, n do
    if in_left[i] then
      while not in_right[j] do j = j + 1 end
      if left[i] ~= right[j] then swapped = swapped + 1 end
      j = j + 1
    end
  end
  return (common / n + common / m + (common - math.floor(swapped / 2)) / common) / 3
end

--- Jaro-Winkler: 1 for equal texts, 0 for texts without a common character; a common start counts
--- more. Good for names and short texts.
---@param a string
---@param b string
---@return number
function similarity.similarity(a, b)
  if a == b then return 1 end
  local left, right = chars(a), chars(b)
  local alike = jaro(left, right)
  if alike <= 0.7 then return alike end
  local prefix = 0
  while prefix < 4 and left[prefix + 1] and left[prefix + 1] == right[prefix + 1] do
    prefix = prefix + 1
  end
  return alike + prefix * 0.1 * (1 - alike)
end

return similarity
