-- Gives up the right to build.
-- KEYS: builder
-- ARGV: owner
-- returns: 1 given up, 0 another has it
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
