-- Reads the range scanned ahead of one partition and the marks of some students, at one moment.
-- KEYS: scouted, marks, proof
-- ARGV: identifier...
-- returns: {scouted, proof, mark...}; false for a missing value
local found = { redis.call('GET', KEYS[1]), redis.call('GET', KEYS[3]) }
if #ARGV == 0 then return found end
for at, mark in ipairs(redis.call('ZMSCORE', KEYS[2], unpack(ARGV))) do found[at + 2] = mark end
return found
