-- The generic cell rate algorithm (ITU-T I.371) with a cool-down, in whole microseconds of this server's time.
-- KEYS[1]: what is counted. It holds "<free_at> <cool_until>": when all that was admitted is free again, and until when
-- nothing is admitted.
-- ARGV: burst, microseconds for one, microseconds of cool-down.
-- Answers {1, how many more}, or {0, microseconds to wait}.
local burst, one, cool_down = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])

local free_at, cool_until = now, 0
local stored = redis.call('GET', KEYS[1])
if stored then
  local first, second = string.match(stored, '^(%d+) (%d+)$')
  -- Not later than they can be, whatever became of this server's clock or of the limit since.
  free_at = math.max(now, math.min(tonumber(first), now + burst * one))
  cool_until = math.min(tonumber(second), now + cool_down)
end

local next_free_at = free_at + one
local wait = next_free_at - burst * one - now
local is_cooling = cool_until > now
local answer
if wait <= 0 and not is_cooling then
  free_at = next_free_at
  answer = {1, math.floor((burst * one - (free_at - now)) / one)}
else
  if not is_cooling then
    cool_until = now + cool_down
  end
  answer = {0, math.max(wait, cool_until - now, 1)}
end

local needed = math.ceil((math.max(free_at, cool_until) - now) / 1000)
if needed > 0 then
  redis.call('SET', KEYS[1], string.format('%.0f %.0f', free_at, cool_until), 'PX', string.format('%.0f', needed))
end
return answer
