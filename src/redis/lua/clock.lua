-- Reads the clock of the node that holds a partition.
-- KEYS: checkpoint
-- ARGV: none
-- returns: Unix milliseconds
local time = redis.call('TIME')
return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
