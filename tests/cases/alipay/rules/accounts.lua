local t = require "tallymill"

local method_account = {
  ["余额"] = "Assets:Alipay",
  ["余额宝"] = "Assets:Alipay",
  ["交通银行信用卡(7449)"] = "Liabilities:CC:COMM:7449",
}

local function target(row)
  if row.direction == "收入" then return "Income:FIXME" end
  if row.category == "日用百货" then
    if row.amount >= t.money "10.00" then return "Expenses:Groceries" end
    return "Expenses:Food:Drink"
  end
  return "Expenses:FIXME"
end

return t.transform_rule {
  name = "accounts",
  doc = "Which account a payment comes from and goes to.",
  needs = { direction = "text?", category = "text?", method = "text?", amount = "money" },
  returns = { to_account = "text", from_account = "text" },
  transform = function(row)
    local ours = method_account[row.method] or "Assets:FIXME"
    if row.direction == "收入" then ours = "Assets:Alipay" end
    local other = target(row)
    if row.direction == "收入" or row.category == "退款" then
      return { to_account = ours, from_account = other }
    end
    return { to_account = other, from_account = ours }
  end,
  tests = {
    {
      given = { direction = "支出", category = "日用百货", method = "余额", amount = t.money "20.00" },
      expect = { to_account = "Expenses:Groceries", from_account = "Assets:Alipay" },
    },
    {
      given = { direction = "支出", category = "日用百货", method = "余额", amount = t.money "9.99" },
      expect = { to_account = "Expenses:Food:Drink", from_account = "Assets:Alipay" },
    },
    {
      given = { direction = "收入", category = "转账红包", method = "余额", amount = t.money "28.50" },
      expect = { to_account = "Assets:Alipay", from_account = "Income:FIXME" },
    },
    {
      given = { direction = "不计收支", category = "退款", method = "交通银行信用卡(7449)", amount = t.money "16.03" },
      expect = { to_account = "Liabilities:CC:COMM:7449", from_account = "Expenses:FIXME" },
    },
  },
}
