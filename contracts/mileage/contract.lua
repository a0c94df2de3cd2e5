-- Mileage conversion: points of one token become units of another at a posted rate, out of a reserve that everybody can see. A new
-- rate, or taking from the reserve, is announced and comes into force some heights later, so that nobody is surprised.
-- Invariant: a conversion is paid in full out of the reserve or not at all.
abi.contract("Mileage conversion", "1.0.0")

local BASIS = 1000000

local terms = state.value("terms")
local planned = state.value("planned")

-- `rate`: units paid for a million units of `from`. `noticeHeights`: between an announcement and its coming into force.
abi.constructor(function(from, to, rate, noticeHeights)
  if from == to then error("expected two different tokens") end
  if rate < 1 or noticeHeights < 1 then error("expected a rate and a notice above zero") end
  access.setOwner(chain.sender())
  terms:set({ from = from, to = to, rate = rate, noticeHeights = noticeHeights })
end, "from: string, to: string, rate: integer, noticeHeights: integer")

local function current()
  local now, plan = terms:get(), planned:get()
  if plan and plan.kind == "rate" and chain.height() >= plan.atHeight then now.rate = plan.value end
  return now
end

local function quote(amount, rate)
  return bignum.toInteger(bignum.mulDiv(amount, rate, BASIS)) or error("the amount is too large")
end

-- Adds to the reserve; anybody may.
abi.payable("fund", function()
  if chain.token() ~= terms:get().to then error("the reserve is in " .. terms:get().to) end
  event.emit("funded", chain.sender(), chain.amount())
end)

-- `least`: what the sender wants to get at least; a rate that changed meanwhile can't give less.
abi.payable("convert", function(least)
  local now = current()
  if chain.token() ~= now.from or chain.amount() <= 0 then error("expected points in " .. now.from) end
  local paid = quote(chain.amount(), now.rate)
  if paid < 1 or paid < least then error("the rate gives " .. paid .. " units") end
  if paid > contract.balance(now.to) then error("the reserve holds less than " .. paid .. " units") end
  token.transfer(chain.sender(), paid, now.to)
  event.emit("converted", chain.sender(), chain.amount(), paid)
  return paid
end, "least: integer", "integer")

local function announce(kind, value)
  access.onlyOwner()
  local plan = planned:get()
  local now = current()
  if plan and plan.kind == "rate" and chain.height() >= plan.atHeight then terms:set(now) end
  planned:set({ kind = kind, value = value, atHeight = chain.height() + now.noticeHeights })
  event.emit("announced", kind, value, chain.height() + now.noticeHeights)
end

-- Either replaces what was announced before and is not in force yet.
abi.call("announceRate", function(rate)
  if rate < 1 then error("expected a rate above zero") end
  announce("rate", rate)
end, "rate: integer")

abi.call("announceWithdrawal", function(amount)
  if amount < 1 then error("expected an amount above zero") end
  announce("withdrawal", amount)
end, "amount: integer")

abi.call("withdraw", function()
  access.onlyOwner()
  local plan = planned:get()
  if not plan or plan.kind ~= "withdrawal" then error("no withdrawal was announced") end
  if chain.height() < plan.atHeight then error("it comes into force at height " .. plan.atHeight) end
  planned:set(nil)
  token.transfer(chain.sender(), plan.value, terms:get().to)
end)

-- The points that were converted are the owner's.
abi.call("collect", function()
  access.onlyOwner()
  local from = terms:get().from
  local amount = contract.balance(from)
  if amount == 0 then error("there is nothing to collect") end
  token.transfer(chain.sender(), amount, from)
  return amount
end, "", "integer")

abi.view("terms", function()
  local all = current()
  all.reserve, all.planned = contract.balance(all.to), planned:get()
  return all
end, "", "table")
abi.view("quote", function(amount) return quote(amount, current().rate) end, "amount: integer", "integer")
