-- Revenue share: whatever is paid in is divided among fixed shares, 30:70 or any others. Each payment is credited at once and
-- each person takes their part when they like. Units that can't be divided stay for the next payment. Invariant: the credits and
-- the remainder of a token add up to what the contract holds of it by payments.
abi.contract("Revenue share", "1.0.0")

local PEOPLE_MAX = 50

local shares = state.value("shares")
local credits = state.map("credits")
local remainders = state.map("remainders")

-- `people`: addresses; `parts`: as many integers above zero.
abi.constructor(function(people, parts)
  if #people < 1 or #people > PEOPLE_MAX or #people ~= #parts then error("expected as many parts as people") end
  local total, seen = 0, {}
  for i, who in ipairs(people) do
    if type(who) ~= "string" or #who ~= 32 or seen[who] then error("people are different addresses") end
    if math.type(parts[i]) ~= "integer" or parts[i] < 1 or parts[i] > 1000000 then error("a part is 1 to 1,000,000") end
    seen[who] = true
    total = total + parts[i]
  end
  shares:set({ people = people, parts = parts, total = total })
end, "people: table, parts: table")

abi.payable("pay", function()
  local split, tokenId = shares:get(), chain.token()
  local whole = chain.amount() + (remainders[tokenId] or 0)
  local given = 0
  for i, who in ipairs(split.people) do
    local part = bignum.toInteger(bignum.mulDiv(whole, split.parts[i], split.total))
    local key = { who, tokenId }
    credits[key] = (credits[key] or 0) + part
    given = given + part
  end
  remainders[tokenId] = whole > given and whole - given or nil
  event.emit("paid", chain.sender(), chain.amount(), tokenId)
end)

abi.call("take", function(tokenId)
  local key = { chain.sender(), tokenId }
  local amount = credits[key] or 0
  if amount == 0 then error("there is nothing to take") end
  credits[key] = nil
  token.transfer(chain.sender(), amount, tokenId)
  return amount
end, "tokenId: string", "integer")

abi.view("credit", function(who, tokenId) return credits[{ who, tokenId }] or 0 end, "who: address, tokenId: string", "integer")
abi.view("shares", function() return shares:get() end, "", "table")
