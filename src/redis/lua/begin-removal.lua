-- Notes that a generation is being removed, only where it is not the active one: from then on it is never activated.
-- KEYS: active, removing
-- ARGV: generation
-- returns: 1 noted, 0 the generation is active
if redis.call('GET', KEYS[1]) == ARGV[1] then return 0 end
redis.call('SADD', KEYS[2], ARGV[1])
return 1
