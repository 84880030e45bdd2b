-- Moves the pointer to the active generation, only from where the caller believes it to be.
-- KEYS: active
-- ARGV: from ('' = none), to
-- returns: 1 moved, 0 it stood elsewhere
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
