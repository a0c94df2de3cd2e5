-- Provenance of goods: a maker registers a thing, each holder hands it to the next, who must accept it, and holders and admitted
-- inspectors add entries to its history, which nobody can change. Invariant: a thing has one holder, and its entries are numbered
-- without a gap.
abi.contract("Provenance", "1.0.0")

local TEXT_MAX = 512

local things = state.map("things")
local entries = state.map("entries")

abi.constructor(function() access.setOwner(chain.sender()) end)

abi.call("setRole", function(role, who, isGranted)
  if role ~= "maker" and role ~= "inspector" then error("expected maker or inspector") end
  if isGranted then access.grant(role, who) else access.revoke(role, who) end
end, "role: string, who: address, isGranted: boolean")

local function load(id)
  return things[id] or error("there is no such thing")
end

local function onlyHolder(thing)
  if thing.holder ~= chain.sender() then error("only the holder may do this") end
end

-- `digest`: SHA-256 of a document that lies elsewhere, or nil.
local function add(id, thing, kind, text, digest)
  if #text > TEXT_MAX then error("expected a text of at most " .. TEXT_MAX .. " bytes") end
  if digest and #digest ~= 32 then error("a digest has 32 bytes") end
  thing.entries = thing.entries + 1
  things[id] = thing
  entries[{ id, thing.entries }] = { kind = kind, by = chain.sender(), text = text, digest = digest, timeMs = chain.time() }
  event.emit(kind, id, chain.sender(), thing.entries)
  return thing.entries
end

-- `id`: what is printed on the thing, such as a serial number.
abi.call("register", function(id, text, digest)
  access.only("maker")
  if #id < 1 or #id > 64 then error("expected an id of 1 to 64 bytes") end
  if things[id] then error("the thing is registered") end
  add(id, { maker = chain.sender(), holder = chain.sender(), entries = 0, isRecalled = false }, "registered", text, digest)
end, "id: string, text: string, digest: string?")

abi.call("hand", function(id, to)
  local thing = load(id)
  onlyHolder(thing)
  thing.handedTo = to
  things[id] = thing
end, "id: string, to: address?")

-- Who was offered the thing takes it: nobody becomes the holder of a thing they never saw.
abi.call("accept", function(id, text, digest)
  local thing = load(id)
  if thing.handedTo ~= chain.sender() then error("the thing was not handed to you") end
  thing.holder, thing.handedTo = chain.sender(), nil
  return add(id, thing, "accepted", text, digest)
end, "id: string, text: string, digest: string?", "integer")

abi.call("note", function(id, text, digest)
  local thing = load(id)
  onlyHolder(thing)
  return add(id, thing, "noted", text, digest)
end, "id: string, text: string, digest: string?", "integer")

abi.call("inspect", function(id, text, digest)
  access.only("inspector")
  return add(id, load(id), "inspected", text, digest)
end, "id: string, text: string, digest: string?", "integer")

-- The maker warns everybody, for good.
abi.call("recall", function(id, text)
  local thing = load(id)
  if thing.maker ~= chain.sender() then error("only the maker may do this") end
  thing.isRecalled = true
  return add(id, thing, "recalled", text, nil)
end, "id: string, text: string", "integer")

abi.view("thing", function(id) return things[id] end, "id: string", "table")

-- At most 50 entries from number `from` on.
abi.view("history", function(id, from)
  local all = {}
  for number = from, math.min(load(id).entries, from + 49) do all[#all + 1] = entries[{ id, number }] end
  return all
end, "id: string, from: integer", "table")
