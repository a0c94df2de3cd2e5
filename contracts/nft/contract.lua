-- Single pieces (NFT) with royalties: whoever holds the role "minter" makes pieces, holders give them away or sell them through the
-- contract, and each sale pays the piece's creator a share that was fixed when it was made. Invariant: every piece has one holder,
-- and the counts of a holder's pieces add up to all pieces.
abi.contract("Pieces with royalties", "1.0.0")

local BASIS = 10000
local ROYALTY_MAX = 2500
local TEXT_MAX = 512

local title = state.value("title")
local pieces = state.map("pieces")
local counts = state.map("counts")
local supply = state.value("supply")

abi.constructor(function(name, symbol)
  access.setOwner(chain.sender())
  access.grant("minter", chain.sender())
  title:set({ name = name, symbol = symbol })
end, "name: string, symbol: string")

local function load(id)
  return pieces[id] or error("there is no such piece")
end

local function count(who, change)
  local number = (counts[who] or 0) + change
  counts[who] = number > 0 and number or nil
end

-- `link` and `digest` (SHA-256) say what the piece is; `royalty` is in hundredths of a percent of each sale.
abi.call("mint", function(to, link, digest, royalty)
  access.only("minter")
  if royalty < 0 or royalty > ROYALTY_MAX then error("expected a royalty of 0 to " .. ROYALTY_MAX .. " hundredths of a percent") end
  if #link > TEXT_MAX or #digest ~= 32 then error("expected a link of at most " .. TEXT_MAX .. " bytes and a digest of 32") end
  local id = (supply:get() or 0) + 1
  supply:set(id)
  pieces[id] = { holder = to, creator = chain.sender(), link = link, digest = digest, royalty = royalty }
  count(to, 1)
  event.emit("minted", id, to, chain.sender())
  return id
end, "to: address, link: string, digest: string, royalty: integer", "integer")

local function move(id, piece, to)
  local from = piece.holder
  piece.holder, piece.price, piece.priceToken, piece.approved = to, nil, nil, nil
  pieces[id] = piece
  count(from, -1)
  count(to, 1)
  event.emit("moved", id, from, to)
end

local function onlyHolder(piece)
  if piece.holder ~= chain.sender() then error("only the holder may do this") end
end

abi.call("give", function(to, id)
  local piece = load(id)
  if piece.holder ~= chain.sender() and piece.approved ~= chain.sender() then error("only the holder may do this") end
  move(id, piece, to)
end, "to: address, id: integer")

-- Lets another account, such as a contract, move the piece once; nil takes it back.
abi.call("approve", function(who, id)
  local piece = load(id)
  onlyHolder(piece)
  piece.approved = who
  pieces[id] = piece
end, "who: address?, id: integer")

-- Offers the piece for a price; 0 takes it off the market.
abi.call("offer", function(id, price, priceToken)
  local piece = load(id)
  onlyHolder(piece)
  if price < 0 then error("the price must be at least zero") end
  piece.price, piece.priceToken = price > 0 and price or nil, price > 0 and (priceToken or "TTC") or nil
  pieces[id] = piece
  event.emit("offered", id, price, piece.priceToken or "")
end, "id: integer, price: integer, priceToken: string?")

-- Pays exactly the price: the creator gets the royalty, rounded down, the seller the rest, the buyer the piece.
abi.payable("buy", function(id)
  local piece = load(id)
  if not piece.price then error("the piece is not for sale") end
  if chain.amount() ~= piece.price or chain.token() ~= piece.priceToken then
    error("expected " .. piece.price .. " units of " .. piece.priceToken)
  end
  local royalty = bignum.toInteger(bignum.mulDiv(piece.price, piece.royalty, BASIS))
  local seller, paidToken, rest = piece.holder, piece.priceToken, piece.price - royalty
  move(id, piece, chain.sender())
  if royalty > 0 then token.transfer(piece.creator, royalty, paidToken) end
  if rest > 0 then token.transfer(seller, rest, paidToken) end
  event.emit("sold", id, seller, chain.sender(), chain.amount(), royalty)
end, "id: integer")

abi.call("setMinter", function(who, isMinter)
  if isMinter then access.grant("minter", who) else access.revoke("minter", who) end
end, "who: address, isMinter: boolean")

abi.view("about", function() return title:get() end, "", "table")
abi.view("supply", function() return supply:get() or 0 end, "", "integer")
abi.view("piece", function(id) return pieces[id] end, "id: integer", "table")
abi.view("countOf", function(who) return counts[who] or 0 end, "who: address", "integer")

-- The ids of this account's pieces among the next 100 from `first` on: a wallet lists what it holds by asking again from first + 100.
abi.view("owned", function(who, first)
  local found = {}
  for id = first, math.min(first + 99, supply:get() or 0) do
    local piece = pieces[id]
    if piece and piece.holder == who then found[#found + 1] = id end
  end
  return found
end, "who: address, first: integer", "table")
