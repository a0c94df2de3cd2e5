-- A local coin: a fixed first supply, transfers with allowances, minting by whoever holds the role "minter", burning, and a
-- pause that the owner can set. Invariant: the balances add up to the supply.
abi.contract("Local coin", "1.0.0")

local title = state.value("title")
local supply = state.value("supply")
local balances = state.map("balances")
local allowances = state.map("allowances")
local paused = state.value("paused")

local function checkAmount(amount)
  if amount <= 0 then error("the amount must be above zero") end
end

local function move(from, to, amount)
  if paused:get() then error("the coin is paused") end
  checkAmount(amount)
  local have = balances[from] or 0
  if have < amount then error("the balance is too low") end
  balances[from] = have > amount and have - amount or nil
  balances[to] = (balances[to] or 0) + amount
  event.emit("transfer", from, to, amount)
end

local function create(to, amount)
  checkAmount(amount)
  local total = (supply:get() or 0) + amount
  if total < 0 then error("the supply would be too large") end
  supply:set(total)
  balances[to] = (balances[to] or 0) + amount
  event.emit("mint", to, amount)
end

abi.constructor(function(name, symbol, decimals, amount)
  title:set({ name = name, symbol = symbol, decimals = decimals })
  access.setOwner(chain.sender())
  if amount > 0 then create(chain.sender(), amount) end
end, "name: string, symbol: string, decimals: integer, amount: integer")

abi.call("transfer", function(to, amount)
  move(chain.sender(), to, amount)
end, "to: address, amount: integer")

-- Lets `spender` move up to `amount` of the sender's coins; replaces an earlier allowance.
abi.call("approve", function(spender, amount)
  if amount < 0 then error("the amount must be at least zero") end
  allowances[{ chain.sender(), spender }] = amount > 0 and amount or nil
  event.emit("approve", chain.sender(), spender, amount)
end, "spender: address, amount: integer")

abi.call("transferFrom", function(from, to, amount)
  local key = { from, chain.sender() }
  local allowed = allowances[key] or 0
  if allowed < amount then error("the allowance is too low") end
  allowances[key] = allowed > amount and allowed - amount or nil
  move(from, to, amount)
end, "from: address, to: address, amount: integer")

abi.call("mint", function(to, amount)
  access.only("minter")
  create(to, amount)
end, "to: address, amount: integer")

abi.call("burn", function(amount)
  checkAmount(amount)
  local have = balances[chain.sender()] or 0
  if have < amount then error("the balance is too low") end
  balances[chain.sender()] = have > amount and have - amount or nil
  supply:set(supply:get() - amount)
  event.emit("burn", chain.sender(), amount)
end, "amount: integer")

abi.call("setMinter", function(who, isMinter)
  if isMinter then access.grant("minter", who) else access.revoke("minter", who) end
end, "who: address, isMinter: boolean")

abi.call("setPaused", function(isPaused)
  access.onlyOwner()
  paused:set(isPaused or nil)
end, "isPaused: boolean")

abi.view("about", function() return title:get() end, "", "table")
abi.view("supply", function() return supply:get() or 0 end, "", "integer")
abi.view("balanceOf", function(who) return balances[who] or 0 end, "who: address", "integer")
abi.view("allowance", function(from, spender) return allowances[{ from, spender }] or 0 end,
  "from: address, spender: address", "integer")
