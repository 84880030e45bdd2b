-- Removes keys of one partition of a retired generation. A partition that is not retired is left unchanged: after a
-- store was emptied, the number may belong to a new generation.
-- KEYS: checkpoint, key...
-- ARGV: none
-- returns: number of removed keys
if redis.call('GET', KEYS[1]) ~= 'retired' then return 0 end
local gone = 0
for i = 2, #KEYS do
  gone = gone + redis.call('UNLINK', KEYS[i])
end
return gone
