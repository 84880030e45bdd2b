-- Moves the pointer to the active generation, only where it still names the generation that the caller expects. The new
-- number counts as assigned: a builder may bring a number from before the store was emptied.
-- KEYS: active, former, building, leftovers, generations, removing
-- ARGV: from ('' = none), to
-- returns: 1 moved, 0 the pointer names another generation, or the new one is being removed
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
if redis.call('SISMEMBER', KEYS[6], ARGV[2]) == 1 then return 0 end
if ARGV[1] == ARGV[2] then return 1 end
local former = redis.call('GET', KEYS[2])
if former and former ~= ARGV[2] then redis.call('SADD', KEYS[4], former) end
if ARGV[1] == '' then
  redis.call('DEL', KEYS[2])
else
  redis.call('SET', KEYS[2], ARGV[1])
end
if redis.call('GET', KEYS[3]) == ARGV[2] then redis.call('DEL', KEYS[3]) end
redis.call('SREM', KEYS[4], ARGV[2])
redis.call('SET', KEYS[1], ARGV[2])
if tonumber(redis.call('GET', KEYS[5]) or '0') < tonumber(ARGV[2]) then redis.call('SET', KEYS[5], ARGV[2]) end
return 1
