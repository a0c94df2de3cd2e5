-- Gift vouchers: a value paid in for whoever holds a voucher's key, to be spent in parts at the shops that the owner admits. The
-- key never travels: the holder signs who gets how much, so nobody who sees a payment on its way can take it. What is left when a
-- voucher ends goes back to its giver. Invariant: the contract holds at least what all vouchers still hold.
abi.contract("Gift voucher", "1.0.0")

local vouchers = state.map("vouchers")

abi.constructor(function() access.setOwner(chain.sender()) end)

abi.call("setShop", function(shop, isShop)
  if isShop then access.grant("shop", shop) else access.revoke("shop", shop) end
end, "shop: address, isShop: boolean")

-- `key`: an ed25519 public key that the giver made and hands over, printed or as a picture.
abi.payable("give", function(key, untilMs)
  if chain.amount() <= 0 then error("a voucher needs a value") end
  if #key ~= 32 then error("expected a public key of 32 bytes") end
  if vouchers[key] then error("there is a voucher with this key") end
  if untilMs <= chain.time() then error("the end must lie ahead") end
  vouchers[key] = { giver = chain.sender(), token = chain.token(), left = chain.amount(), untilMs = untilMs }
  event.emit("given", key, chain.sender(), chain.amount(), chain.token())
end, "key: string, untilMs: integer")

local function load(key)
  return vouchers[key] or error("there is no such voucher")
end

local function number(n)
  return string.format("%020d", n)
end

-- What the holder signs. `left` makes every message different: the same payment can't be sent twice.
local function message(key, shop, amount, left)
  return "TTChain voucher 1" .. chain.genesis() .. chain.contract() .. key .. shop .. number(amount) .. number(left)
end

-- A shop sends it; the signature is the holder's over message(key, shop, amount).
abi.call("spend", function(key, amount, signature)
  local voucher = load(key)
  local shop = chain.sender()
  access.only("shop")
  if chain.time() > voucher.untilMs then error("the voucher has ended") end
  if amount < 1 or amount > voucher.left then error("the voucher holds " .. voucher.left .. " units") end
  if not crypto.verify(signature, message(key, shop, amount, voucher.left), key) then error("the signature is not the holder's") end
  voucher.left = voucher.left - amount
  vouchers[key] = voucher.left > 0 and voucher or nil
  token.transfer(shop, amount, voucher.token)
  event.emit("spent", key, shop, amount)
  return voucher.left
end, "key: string, amount: integer, signature: string", "integer")

-- After its end: the rest goes back to the giver. Anybody may call it.
abi.call("giveBack", function(key)
  local voucher = load(key)
  if chain.time() <= voucher.untilMs then error("the voucher has not ended") end
  vouchers[key] = nil
  token.transfer(voucher.giver, voucher.left, voucher.token)
  event.emit("givenBack", key, voucher.giver, voucher.left)
end, "key: string")

abi.view("show", function(key) return vouchers[key] end, "key: string", "table")
abi.view("message", function(key, shop, amount)
  return message(key, shop, amount, load(key).left)
end, "key: string, shop: address, amount: integer", "string")
