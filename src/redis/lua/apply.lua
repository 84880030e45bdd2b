-- Makes one batch of one partition visible: records, indexes and checkpoint together, only on the checkpoint that the
-- batch was computed on. Redis refuses for lack of memory only before the first write. The checkpoint is written last.
-- An interruption (for example an ACL that forbids a command) leaves the batch to be replayed, never lost.
-- KEYS: checkpoint, custom, suspects, heartbeats, misrouting, record...
-- ARGV: expected ('' = none), next, checkpoint, #customAdded, #customRemoved, #suspectAdded, #suspectRemoved,
--       #heartbeats, #misrouting, record..., customAdded..., customRemoved..., suspectAdded..., suspectRemoved...,
--       heartbeats... (source and time in turn), misrouting...
-- returns: {code, next}: 0 applied, 1 behind, 2 ahead, 3 absent, 4 retired; next as text, '' without a checkpoint
local stored = redis.call('GET', KEYS[1])
if stored == 'retired' then return { 4, '' } end
local at = stored and string.match(stored, '^%d+')
if not at and ARGV[1] ~= '' then return { 3, '' } end
if at then
  if ARGV[1] == '' or tonumber(at) > tonumber(ARGV[1]) then return { 2, at } end
  if tonumber(at) < tonumber(ARGV[1]) then return { 1, at } end
end

-- unpack fails at about 8000 values. Lua 5.2 and later have unpack only in the table library.
local unpack = table.unpack or unpack
local CHUNK = 2000
local cursor = 9

local pairs = {}
for i = 6, #KEYS do
  cursor = cursor + 1
  pairs[#pairs + 1] = KEYS[i]
  pairs[#pairs + 1] = ARGV[cursor]
  if #pairs >= CHUNK then
    redis.call('MSET', unpack(pairs))
    pairs = {}
  end
end
if #pairs > 0 then redis.call('MSET', unpack(pairs)) end

local function each(count, command, key, score)
  local members = {}
  for _ = 1, count do
    cursor = cursor + 1
    if score then members[#members + 1] = score end
    members[#members + 1] = ARGV[cursor]
    if #members >= CHUNK then
      redis.call(command, key, unpack(members))
      members = {}
    end
  end
  if #members > 0 then redis.call(command, key, unpack(members)) end
end

each(tonumber(ARGV[4]), 'ZADD', KEYS[2], '0')
each(tonumber(ARGV[5]), 'ZREM', KEYS[2])
each(tonumber(ARGV[6]), 'SADD', KEYS[3])
each(tonumber(ARGV[7]), 'SREM', KEYS[3])
for _ = 1, tonumber(ARGV[8]) do
  local source, time = ARGV[cursor + 1], ARGV[cursor + 2]
  local youngest = redis.call('HGET', KEYS[4], source)
  if not youngest or tonumber(time) > tonumber(youngest) then redis.call('HSET', KEYS[4], source, time) end
  cursor = cursor + 2
end
each(tonumber(ARGV[9]), 'SADD', KEYS[5])
redis.call('SET', KEYS[1], ARGV[3])
return { 0, ARGV[2] }
