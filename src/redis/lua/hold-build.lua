-- Takes or renews the build lock for a limited time.
-- KEYS: builder
-- ARGV: owner, milliseconds
-- returns: 1 held, 0 another owner holds it
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
