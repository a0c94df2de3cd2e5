-- A tip jar: anybody leaves TTC with a few words, and the owner takes what was left.
abi.contract("Tip jar", "1.0.0")

local WORDS_MAX = 140

local count = state.value("count")
local given = state.map("given")

abi.constructor(function() access.setOwner(chain.sender()) end)

abi.payable("tip", function(words)
  if chain.token() ~= "TTC" or chain.amount() <= 0 then error("a tip is in TTC") end
  if #words > WORDS_MAX then error("expected at most " .. WORDS_MAX .. " bytes of words") end
  count:set((count:get() or 0) + 1)
  given[chain.sender()] = (given[chain.sender()] or 0) + chain.amount()
  event.emit("tipped", chain.sender(), chain.amount(), words)
  return count:get()
end, "words: string", "integer")

abi.call("take", function()
  access.onlyOwner()
  local amount = contract.balance()
  if amount == 0 then error("the jar is empty") end
  token.transfer(access.owner(), amount)
  event.emit("taken", amount)
  return amount
end, "", "integer")

abi.view("count", function() return count:get() or 0 end, "", "integer")
abi.view("givenBy", function(who) return given[who] or 0 end, "who: address", "integer")
