-- Records that a recorder is alive, by the Redis clock, and deletes recorders that were silent for the time to live.
-- KEYS: recorders
-- ARGV: recorder, answers numbered so far, time to live in milliseconds
-- returns: 1
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local known = redis.call('HGETALL', KEYS[1])
for i = 1, #known, 2 do
  local seen = tonumber(string.match(known[i + 1], '%d+$'))
  if seen + tonumber(ARGV[3]) < now then redis.call('HDEL', KEYS[1], known[i]) end
end
redis.call('HSET', KEYS[1], ARGV[1], string.format('%s %.0f', ARGV[2], now))
return 1
