-- Assigns a store that has no topic yet to a topic.
-- KEYS: topic
-- ARGV: topic
-- returns: the topic that the store belongs to
redis.call('SET', KEYS[1], ARGV[1], 'NX')
return redis.call('GET', KEYS[1])
