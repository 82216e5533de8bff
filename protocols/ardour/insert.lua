	-- Where the strip belongs among the processors shown to the user: before the fader, and how many channels there are.
	local function place_before_fader (route)
		local index = 0
		for _, processor in ipairs (processors (route)) do
			if processor:display_to_user () then
				if not processor:to_amp ():isnil () and processor:to_amp ():sameinstance (route:amp ()) then
					return index, processor:input_streams ():n_audio ()
				end
				index = index + 1
			end
		end
		return nil, 0
	end

	-- Puts our strip on a track; whether it is there now, and what hinders it where that is worth saying.
	local function insert_strip (track)
		if find_plugin (track, strips) then return true end
		local index, channels = place_before_fader (track)
		if not index or channels == 0 then return false end -- a MIDI track without an instrument
		local uri = strip_uris[channels]
		if not uri then return false, channels .. " channels" end
		local strip = ARDOUR.LuaAPI.new_plugin (Session, uri, ARDOUR.PluginType.LV2, "")
		if track:add_processor_by_index (strip, index, nil, true) ~= 0 then return false, "refused by Ardour" end
		return true
	end

	-- The bus with our reverb on it, made where there is none.
	local function provide_bus ()
		local bus = find_bus ()
		if not bus then
			local made = Session:new_audio_route (2, 2, nil, 1, bus_name,
				ARDOUR.PresentationInfo.Flag.AudioBus, ARDOUR.PresentationInfo.max_order)
			if made:size () == 0 then return nil end
			bus = made:front ()
			bus:set_comment (bus_comment, nil)
		end
		if not bus:active () and is_our_bus (bus) then bus:set_active (true, nil) end
		if not find_plugin (bus, reverbs) then
			local reverb = ARDOUR.LuaAPI.new_plugin (Session, reverb_uri, ARDOUR.PluginType.LV2, "")
			bus:add_processor_by_index (reverb, place_before_fader (bus), nil, true)
		end
		return bus
	end

	local function is_installed (uri)
		return not ARDOUR.LuaAPI.new_plugin_info (uri, ARDOUR.PluginType.LV2):isnil ()
	end

	for _, uri in ipairs ({ strip_uris[1], strip_uris[2], reverb_uri }) do
		if not is_installed (uri) then
			say ("its plug-ins are not installed. Run `mixassist plugins install`, then start Ardour again.", true)
			return
		end
	end

	local bus = provide_bus ()
	if not bus then
		say ("Ardour could not make the bus; nothing was changed.", true)
		return
	end
	local senders, problems = ARDOUR.RouteListPtr (), {}
	for route in Session:get_tracks ():iter () do
		local is_there, problem = insert_strip (route)
		if problem then problems[#problems + 1] = route:name () .. " (" .. problem .. ")" end
		if is_there and not find_send (route, bus) then senders:push_back (route) end
	end
	-- Sends that Ardour adds are closed: nothing is heard of them until they are opened.
	if senders:size () > 0 then Session:add_internal_sends (bus, ARDOUR.Placement.PostFader, senders) end
	collectgarbage ()
	if #problems > 0 then
		say ("no strip was put on: " .. table.concat (problems, ", "), true)
	else
		say ("every track has its strip and a send to " .. bus:name ())
	end
