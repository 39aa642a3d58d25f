-- Writes a session under KEYS[1], once all that it depends on is as the caller believes.
--   ARGV[1] the version that it replaces, '' for none
--   ARGV[2] the value, without until when it is listed
--   ARGV[3] how long it lives, in milliseconds
--   ARGV[4] how long its owner's list has it for sure, '0' for unknown; '' if it has no owner
local has = ''
if ARGV[1] ~= '' then
	has = redis.call('GETRANGE', KEYS[1], 0, 44)
	if has:byte() == 1 and #has == 45 then
		if has:sub(2, 9) ~= ARGV[1] then return -1 end
	elseif has == '' and redis.call('EXISTS', KEYS[1]) == 0 then
		return 0
	else
		return -2
	end
end
local value = ARGV[2]
if ARGV[4] ~= '' then
	local t = redis.call('TIME')
	local now = t[1] * 1000 + math.floor(t[2] / 1000)
	local listed
	if ARGV[4] ~= '0' then
		listed = struct.pack('>I4', math.floor((now + ARGV[4]) / 60000))
	elseif has:sub(30) == value:sub(30, 45) and struct.unpack('>I4', has, 26) * 60000 >= now + ARGV[3] then
		listed = has:sub(26, 29)
	else
		return 2
	end
	value = value:sub(1, 25) .. listed .. value:sub(30)
end
if ARGV[1] ~= '' then
	redis.call('SET', KEYS[1], value, 'PX', ARGV[3])
elseif not redis.call('SET', KEYS[1], value, 'PX', ARGV[3], 'NX') then
	redis.call('GETRANGE', KEYS[1], 0, 0) -- an error if it isn't a string
	return -1
end
return 1
