-- Releases the build lock.
-- KEYS: builder
-- ARGV: owner
-- returns: 1 released, 0 another owner holds it
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
