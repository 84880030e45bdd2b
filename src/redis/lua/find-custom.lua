-- Reads the students of one partition with a custom identifier, and the partition's freshness at the same moment.
-- KEYS: checkpoint, lease, custom
-- ARGV: min, max
-- returns: {checkpoint, lease, member...}; false for a missing checkpoint or lease
local found = redis.call('ZRANGEBYLEX', KEYS[3], ARGV[1], ARGV[2])
table.insert(found, 1, redis.call('GET', KEYS[2]))
table.insert(found, 1, redis.call('GET', KEYS[1]))
return found
