-- Runs inside Ardour's own Lua (ardour7-lua) for tests: makes or opens a session, then serves chunks of Lua.
-- Conversation: a line "LENGTH\n" and a chunk of LENGTH bytes come in on standard input; the answer goes out on the
-- file named by $ANSWERS, as "ok LENGTH\n" or "error LENGTH\n" and the text. The end of the input ends Ardour.

local answers = assert(io.open(os.getenv("ANSWERS"), "w"))

local function answer(how, text)
  answers:write(how, " ", #text, "\n", text)
  answers:flush()
end

-- What chunks may use beside Ardour's own names.

function route(name)
  local found = Session:route_by_name(name)
  assert(not found:isnil(), "no route " .. name)
  return found
end

function new_track(name, channels)
  local order = ARDOUR.PresentationInfo.max_order
  local made = Session:new_audio_track(channels, 2, nil, 1, name, order, ARDOUR.TrackMode.Normal, true)
  return made:front()
end

function new_bus(name)
  local order = ARDOUR.PresentationInfo.max_order
  return Session:new_audio_route(2, 2, nil, 1, name, ARDOUR.PresentationInfo.Flag.AudioBus, order):front()
end

function new_midi_track(name)
  local one, two = ARDOUR.ChanCount(ARDOUR.DataType("midi"), 1), ARDOUR.ChanCount(ARDOUR.DataType("audio"), 2)
  local order, none, mode = ARDOUR.PresentationInfo.max_order, ARDOUR.PluginInfo(), ARDOUR.TrackMode.Normal
  local made = Session:new_midi_track(one, two, true, none, nil, nil, 1, name, order, mode, true):front()
  -- Ardour 7.3 connects its ports from another thread; an instrument that comes meanwhile finds them taken, or hangs.
  sleep(0.3)
  return made
end

-- Places the region of that name, cloned, at a sample of the track's playlist.
function place_region(track, region_name, position)
  for region in ARDOUR.RegionFactory.regions():iter() do
    local _, found = region, ARDOUR.RegionFactory.region_by_id(region)
    if not found:isnil() and found:name() == region_name then
      local copy = ARDOUR.RegionFactory.clone_region(found, false, false)
      track:to_track():playlist():add_region(copy, Temporal.timepos_t(position), 1, false)
      return
    end
  end
  error("no region " .. region_name)
end

function add_plugin(to, uri, position)
  local made = ARDOUR.LuaAPI.new_plugin(Session, uri, ARDOUR.PluginType.LV2, "")
  assert(not made:isnil(), "no plug-in " .. uri)
  assert(to:add_processor_by_index(made, position or 0, nil, true) == 0, "not added: " .. uri)
  return made
end

function save()
  Session:save_state("", false, false, false, false, false)
end

-- Bounces the audio of a track, region fades included, raw or as it leaves the fader; its channels' files, one a line.
function bounce(name, length, is_processed)
  local itt = ARDOUR.InterThreadInfo()
  local track = route(name):to_track()
  local through = is_processed and track:main_outs() or ARDOUR.LuaAPI.nil_proc()
  local region = track:bounce_range(0, length, itt, through, false, "bounce of " .. name):to_audioregion()
  assert(not region:isnil(), "not bounced: " .. name)
  local files = {}
  for channel = 0, region:n_channels() - 1 do
    files[#files + 1] = region:source(channel):to_filesource():path()
  end
  return table.concat(files, "\n")
end

answer("ok", "ready")
while true do
  local line = io.read("l")
  if not line then break end
  local chunk, problem = load(io.read(tonumber(line)))
  if not chunk then
    answer("error", problem)
  else
    local fine, result = pcall(chunk)
    answer(fine and "ok" or "error", tostring(result))
  end
end
quit()
