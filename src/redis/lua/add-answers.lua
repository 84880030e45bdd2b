-- Adds a line to the recent answers of each of these students of one partition, dated by the Redis clock. Where the
-- text of a student exceeds the limit, its oldest lines are removed.
-- KEYS: answers...
-- ARGV: time to live in milliseconds, limit in bytes, line...
-- returns: 1
local time = redis.call('TIME')
local now = string.format('%d%03d', time[1], math.floor(time[2] / 1000))
local limit = tonumber(ARGV[2])
for i = 1, #KEYS do
  local added = now .. ' ' .. ARGV[i + 2]
  local known = redis.call('GET', KEYS[i])
  local text = known and (known .. '\n' .. added) or added
  while #text > limit do
    local rest = string.find(text, '\n', 1, true)
    if not rest then break end
    text = string.sub(text, rest + 1)
  end
  redis.call('SET', KEYS[i], text, 'PX', ARGV[1])
end
return 1
