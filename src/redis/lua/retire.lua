-- Retires one partition of a generation permanently: every later write to it is refused, and it proves nothing.
-- KEYS: checkpoint, lease
-- ARGV: none
-- returns: 1
redis.call('SET', KEYS[1], 'retired')
redis.call('DEL', KEYS[2])
return 1
