-- Removes keys of one partition of a retired generation. Nothing where it is not retired: a store that was emptied
-- meanwhile has given the number out again, and what lies there is somebody's.
-- KEYS: checkpoint, key...
-- ARGV: none
-- returns: how many are gone
if redis.call('GET', KEYS[1]) ~= 'retired' then return 0 end
local gone = 0
for i = 2, #KEYS do
  gone = gone + redis.call('UNLINK', KEYS[i])
end
return gone
