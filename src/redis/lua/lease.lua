-- Sets a partition's lease, only while its checkpoint is exactly the proven one. The expiry is a moment of the Redis
-- clock, so a lease that arrives after its expiry never takes effect.
-- KEYS: checkpoint, lease
-- ARGV: next, lease, expiry in Unix milliseconds
-- returns: {code, next}: 0 applied, 1 behind, 2 ahead, 3 absent, 4 retired; next as text, '' without a checkpoint
local stored = redis.call('GET', KEYS[1])
if stored == 'retired' then return { 4, '' } end
if not stored then return { 3, '' } end
local at = string.match(stored, '^%d+')
if tonumber(at) < tonumber(ARGV[1]) then return { 1, at } end
if tonumber(at) > tonumber(ARGV[1]) then return { 2, at } end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('PEXPIREAT', KEYS[2], ARGV[3])
return { 0, at }
