-- Moves the expiry of the session under KEYS[1] forward, if it is the version that the caller has seen.
--   ARGV[1] that version        ARGV[3] how long it lives, in milliseconds
--   ARGV[2] seen, expires       ARGV[4] how long its owner's list has it for sure, '0' for unknown
local has = redis.call('GETRANGE', KEYS[1], 0, 44)
if #has < 45 or has:byte() ~= 1 or has:sub(2, 9) ~= ARGV[1] then return 0 end
-- In halves, as a number of Lua holds 53 bits; not as text, whose order is the locale's.
local high, low = struct.unpack('>I4I4', has, 18)
local newHigh, newLow = struct.unpack('>I4I4', ARGV[2], 9)
if newHigh < high or newHigh == high and newLow <= low then return 0 end
local listed = has:sub(26, 29)
if has:sub(30) ~= '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' then
	local t = redis.call('TIME')
	local now = t[1] * 1000 + math.floor(t[2] / 1000)
	if ARGV[4] ~= '0' then
		listed = struct.pack('>I4', math.floor((now + ARGV[4]) / 60000))
	elseif struct.unpack('>I4', has, 26) * 60000 < now + ARGV[3] then
		return 2
	end
end
redis.call('SETRANGE', KEYS[1], 9, ARGV[2] .. listed)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
