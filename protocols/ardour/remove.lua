	-- Takes all of `plugins` off a route.
	local function remove_plugins (route, plugins)
		for _, processor in ipairs (processors (route)) do
			if is_one_of (processor, plugins) then route:remove_processor (processor, nil, true) end
		end
	end

	local function is_closed (send)
		return send:to_send ():gain_control ():get_value () == 0
	end

	-- A bus with our reverb that the user made keeps it, and the sends that the user, or a push, has opened.
	local function remove_sends (bus)
		for route in Session:get_routes ():iter () do
			local send = find_send (route, bus)
			if send and (is_our_bus (bus) or is_closed (send)) then route:remove_processor (send, nil, true) end
		end
	end

	-- Ardour's Lua can remove a bus from 7.5 on; before, it stays, empty and switched off, until the user deletes it.
	local function remove_bus (bus)
		remove_plugins (bus, reverbs)
		if Session.remove_route then
			Session:remove_route (bus)
			return true
		end
		bus:set_active (false, nil)
		return false
	end

	for route in Session:get_tracks ():iter () do
		remove_plugins (route, strips)
	end
	local bus, remains = find_bus (), nil
	if bus then
		remove_sends (bus)
		if is_our_bus (bus) and not remove_bus (bus) then remains = bus:name () end
	end
	bus = nil
	collectgarbage ()
	if remains then
		say ("strips and sends are gone; " .. remains .. " is empty and switched off, and yours to delete.")
	else
		say ("strips, sends and bus are gone.")
	end
