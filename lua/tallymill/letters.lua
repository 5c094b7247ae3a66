--- Upper and lower case of characters beyond ASCII, made from ranges: {first upper, last upper,
--- distance to the lower one}, or distance 1 and every second one upper.
local char = string.char
local floor = math.floor

local RANGES = {
  { 0xC0, 0xD6, 32 }, { 0xD8, 0xDE, 32 }, { 0x100, 0x12E, 1 }, { 0x132, 0x136, 1 },
  { 0x139, 0x147, 1 }, { 0x14A, 0x176, 1 }, { 0x179, 0x17D, 1 },
  { 0x386, 0x386, 38 }, { 0x388, 0x38A, 37 }, { 0x38C, 0x38C, 64 }, { 0x38E, 0x38F, 63 },
  { 0x391, 0x3A1, 32 }, { 0x3A3, 0x3AB, 32 }, { 0x400, 0x40F, 80 }, { 0x410, 0x42F, 32 },
  { 0x460, 0x480, 1 }, { 0x48A, 0x4BE, 1 }, { 0x4C1, 0x4CD, 1 }, { 0x4D0, 0x52E, 1 },
  { 0x531, 0x556, 48 }, { 0x1E00, 0x1E94, 1 }, { 0x1EA0, 0x1EFE, 1 }, { 0x2160, 0x216F, 16 },
  { 0x24B6, 0x24CF, 26 }, { 0xFF21, 0xFF3A, 32 },
}

local letters = { upper = {}, lower = {} }

--- The UTF-8 of a code point.
function letters.utf8(code)
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xC0 + floor(code / 0x40), 0x80 + code % 0x40) end
  if code < 0x10000 then
    return char(0xE0 + floor(code / 0x1000), 0x80 + floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
  end
  return char(0xF0 + floor(code / 0x40000), 0x80 + floor(code / 0x1000) % 0x40,
    0x80 + floor(code / 0x40) % 0x40, 0x80 + code % 0x40)
end

local function pair(upper, lower)
  letters.lower[letters.utf8(upper)] = letters.utf8(lower)
  letters.upper[letters.utf8(lower)] = letters.utf8(upper)
end

for _, range in ipairs(RANGES) do
  for code = range[1], range[2], range[3] == 1 and 2 or 1 do pair(code, code + range[3]) end
end
pair(0x178, 0xFF)
letters.upper[letters.utf8(0x3C2)] = letters.utf8(0x3A3)  -- the sigma that ends words

return letters
