-- The students of one partition that bear a custom identifier, and how fresh that is, as of one moment.
-- KEYS: checkpoint, lease, custom
-- ARGV: min, max
-- returns: {checkpoint, lease, member...}; checkpoint and lease are false where there is none
local found = redis.call('ZRANGEBYLEX', KEYS[3], ARGV[1], ARGV[2])
table.insert(found, 1, redis.call('GET', KEYS[2]))
table.insert(found, 1, redis.call('GET', KEYS[1]))
return found
