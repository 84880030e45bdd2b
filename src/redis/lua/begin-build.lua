-- The generation under construction, or a new one where there is none.
-- KEYS: building, generations
-- ARGV: none
-- returns: its number
local building = redis.call('GET', KEYS[1])
if building then return tonumber(building) end
local number = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], number)
return number
