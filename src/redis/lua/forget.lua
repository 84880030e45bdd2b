-- Deletes the references to a generation that was removed.
-- KEYS: former, building, leftovers, removing
-- ARGV: generation
-- returns: 1
for i = 1, 2 do
  if redis.call('GET', KEYS[i]) == ARGV[1] then redis.call('DEL', KEYS[i]) end
end
redis.call('SREM', KEYS[3], ARGV[1])
redis.call('SREM', KEYS[4], ARGV[1])
return 1
