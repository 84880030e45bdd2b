-- Reads the recorders that have not stopped cleanly, and the Redis time.
-- KEYS: recorders
-- ARGV: none
-- returns: {Unix milliseconds, recorder, '<numbered> <seen at>', ...}
local time = redis.call('TIME')
local found = redis.call('HGETALL', KEYS[1])
table.insert(found, 1, string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
return found
