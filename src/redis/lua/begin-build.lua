-- Returns the generation under construction, or starts a new one.
-- KEYS: building, generations
-- ARGV: none
-- returns: the generation's number
local building = redis.call('GET', KEYS[1])
if building then return tonumber(building) end
local number = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], number)
return number
