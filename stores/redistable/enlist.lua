-- Puts the handle ARGV[1] on the owner's list KEYS[1], where it stays for ARGV[2] milliseconds at least, and takes off
-- what has been there for its time. The list lives as long as its last entry.
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local stays = now + ARGV[2]
local had = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not had or tonumber(had) < stays then
	redis.call('ZADD', KEYS[1], string.format('%.0f', stays), ARGV[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], last[2])
return 1
