-- Adds what a scout has scanned of one partition: its range and its marks, together or not at all.
-- consumers/ports/scout-ledger.ts states the rule.
-- The range never covers offsets without marks: it shrinks before marks are dropped and grows after marks are added. An
-- interrupted script leaves too many marks, never too few.
-- KEYS: checkpoint, scouted, marks, proof
-- ARGV: identity, from, upTo, everybody, misrouted, begins (1 or 0), marks at most, end of the proof ('' = none),
--       proof, its expiry in Unix milliseconds, offset and identifier...
-- returns: {code, applied, marks}: 0 added, 1 apart, 2 full; applied as text, '' without a checkpoint
local function lower(a, b) return tonumber(a) <= tonumber(b) and a or b end
local function higher(a, b) return tonumber(a) >= tonumber(b) and a or b end
local function store(from, upTo, everybody, misrouted)
  redis.call('SET', KEYS[2], table.concat({ ARGV[1], from, upTo, everybody, misrouted }, ' '))
end

local checkpoint = redis.call('GET', KEYS[1])
local applied = checkpoint and string.match(checkpoint, '^%d+')
local stored = redis.call('GET', KEYS[2])
local identity, from, upTo, everybody, misrouted
if stored then
  identity, from, upTo, everybody, misrouted = string.match(stored, '^(%S+) (%d+) (%d+) (%-?%d+) (%-?%d+)$')
end
local touches = identity == ARGV[1]
  and tonumber(ARGV[2]) <= tonumber(upTo)
  and tonumber(ARGV[3]) >= tonumber(from)
if not touches then
  if ARGV[6] == '0' then return { 1, '', 0 } end
  redis.call('DEL', KEYS[2])
  redis.call('UNLINK', KEYS[3], KEYS[4])
  from, upTo, everybody, misrouted = ARGV[2], '0', '-1', '-1'
else
  local needed = lower(applied or '0', upTo)
  if tonumber(needed) > tonumber(from) then
    from = needed
    store(from, upTo, everybody, misrouted)
    redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. from)
  end
end

local count = redis.call('ZCARD', KEYS[3])
local marks = (#ARGV - 10) / 2
if count + marks > tonumber(ARGV[7]) then return { 2, applied or '', count } end
-- unpack fails at about 8000 values. Lua 5.2 and later have unpack only in the table library.
local unpack = table.unpack or unpack
local CHUNK = 2000
for first = 11, #ARGV, CHUNK do
  redis.call('ZADD', KEYS[3], 'GT', unpack(ARGV, first, math.min(first + CHUNK - 1, #ARGV)))
end
upTo = higher(upTo, ARGV[3])
from = higher(lower(from, ARGV[2]), lower(applied or '0', upTo))
store(from, upTo, higher(everybody, ARGV[4]), higher(misrouted, ARGV[5]))
if ARGV[8] ~= '' and tonumber(upTo) >= tonumber(ARGV[8]) then
  redis.call('SET', KEYS[4], ARGV[9])
  redis.call('PEXPIREAT', KEYS[4], ARGV[10])
end
return { 0, applied or '', redis.call('ZCARD', KEYS[3]) }
