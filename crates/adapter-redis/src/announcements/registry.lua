-- What is done with the registry of members, KEYS[1]: a hash of a member's name and how often it has beaten. A member knows by
-- whether it finds itself in there whether the registry it joined still exists.
-- ARGV[1] says what to do.
local registry, what, member = KEYS[1], ARGV[1], ARGV[2]

if what == 'join' then -- name, milliseconds that an unused registry is kept, the same process's former name
  redis.call('HSET', registry, member, 0) -- first: a server that is full refuses only the first write
  redis.call('HDEL', registry, ARGV[4])
  redis.call('PEXPIRE', registry, ARGV[3])
  return 1
end

if what == 'leave' then -- name
  return redis.call('HDEL', registry, member)
end

if what == 'strike off' then -- and then name, beats, name, beats, ...
  local count = 0
  for i = 2, #ARGV, 2 do
    if redis.call('HGET', registry, ARGV[i]) == ARGV[i + 1] then
      count = count + redis.call('HDEL', registry, ARGV[i])
    end
  end
  return count
end

if redis.call('HEXISTS', registry, member) == 0 then
  return false
end

if what == 'beat' then -- name, milliseconds as above, channel, message
  redis.call('HINCRBY', registry, member, 1)
  redis.call('PEXPIRE', registry, ARGV[3])
  redis.call('PUBLISH', ARGV[4], ARGV[5])
  return {}
end

-- announce: name, channel, message
redis.call('PUBLISH', ARGV[3], ARGV[4])
return redis.call('HGETALL', registry)
