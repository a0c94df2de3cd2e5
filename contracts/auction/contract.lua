-- An auction with open, rising bids in TTC for an amount of any token that the seller pays in when it opens. A bid in the last
-- heights makes it longer, so that nobody wins by being last. Losing bids are taken back by their bidders, never pushed to them.
-- Invariant: the contract holds the goods until they are settled, the highest bid, and every bid not taken back.
abi.contract("Auction", "1.0.0")

-- A bid within this many heights of the end moves the end to this many heights after the bid.
local EXTENSION_HEIGHTS = 10

local auction = state.value("auction")
local refunds = state.map("refunds")

-- `step`: by how much a bid must be above the one before.
abi.payable("open", function(minimum, step, untilHeight)
  if auction:get() then error("the auction was opened before") end
  access.onlyOwner()
  if chain.amount() <= 0 then error("there is nothing to sell") end
  if minimum < 1 or step < 1 or untilHeight <= chain.height() then error("expected positive amounts and an end ahead") end
  auction:set({
    seller = chain.sender(), goods = chain.amount(), goodsToken = chain.token(), minimum = minimum, step = step,
    untilHeight = untilHeight, bid = 0, isSettled = false,
  })
end, "minimum: integer, step: integer, untilHeight: integer")

abi.constructor(function() access.setOwner(chain.sender()) end)

local function load()
  return auction:get() or error("the auction is not open yet")
end

local function credit(who, amount)
  refunds[who] = (refunds[who] or 0) + amount
end

abi.payable("bid", function()
  local now = load()
  if chain.height() > now.untilHeight then error("the auction is over") end
  local least = now.bidder and now.bid + now.step or now.minimum
  if chain.token() ~= "TTC" or chain.amount() < least then error("expected at least " .. least .. " units of TTC") end
  if now.bidder then credit(now.bidder, now.bid) end
  now.bidder, now.bid = chain.sender(), chain.amount()
  now.untilHeight = math.max(now.untilHeight, chain.height() + EXTENSION_HEIGHTS)
  auction:set(now)
  event.emit("bid", chain.sender(), chain.amount())
end)

-- After the end: the goods to the winner and the bid to the seller, or the goods back. Anybody may call it.
abi.call("settle", function()
  local now = load()
  if chain.height() <= now.untilHeight then error("the auction is not over") end
  if now.isSettled then error("it was settled before") end
  now.isSettled = true
  auction:set(now)
  token.transfer(now.bidder or now.seller, now.goods, now.goodsToken)
  if now.bidder then token.transfer(now.seller, now.bid) end
  event.emit("settled", now.bidder or now.seller, now.bid)
end)

abi.call("takeBack", function()
  local amount = refunds[chain.sender()] or 0
  if amount == 0 then error("there is nothing to take back") end
  refunds[chain.sender()] = nil
  token.transfer(chain.sender(), amount)
  return amount
end, "", "integer")

abi.view("show", function() return auction:get() end, "", "table")
abi.view("refundOf", function(who) return refunds[who] or 0 end, "who: address", "integer")
