	-- What both actions need to know of the mixer.

	-- The URI of a plug-in; nil for everything else that stands in a strip.
	local function uri_of (processor)
		local insert = processor:to_plugininsert ()
		if insert:isnil () then return nil end
		return insert:plugin (0):get_info ().unique_id
	end

	-- Whether `processor` is one of `plugins`, a table keyed by URI. A plug-in that was not installed when the session was
	-- opened keeps its place under its name.
	local function is_one_of (processor, plugins)
		local uri = uri_of (processor)
		if uri then return plugins[uri] ~= nil end
		if processor:to_unknownprocessor ():isnil () then return false end
		for _, name in pairs (plugins) do
			if processor:display_name () == name then return true end
		end
		return false
	end

	-- All processors of a route, in order.
	local function processors (route)
		local list, i = {}, 0
		local processor = route:nth_processor (i)
		while not processor:isnil () do
			list[#list + 1] = processor
			i = i + 1
			processor = route:nth_processor (i)
		end
		return list
	end

	-- The first of `plugins` on a route; nil where there is none.
	local function find_plugin (route, plugins)
		for _, processor in ipairs (processors (route)) do
			if is_one_of (processor, plugins) then return processor end
		end
	end

	local function is_bus (route)
		return route:to_track ():isnil () and not route:is_master () and not route:is_monitor () and not route:is_auditioner ()
	end

	-- Whether the bus was made by us, however it is called now.
	local function is_our_bus (route)
		return is_bus (route) and route:comment () == bus_comment
	end

	-- The bus with our reverb on it, else the one that we made and that has lost it; nil where there is none.
	local function find_bus ()
		local without
		for route in Session:get_routes ():iter () do
			if is_bus (route) and find_plugin (route, reverbs) then return route end
			if is_our_bus (route) then without = route end
		end
		return without
	end

	-- The send of a route to `bus`; nil where there is none.
	local function find_send (route, bus)
		local i = 0
		local processor = route:nth_send (i)
		while not processor:isnil () do
			local send = processor:to_internalsend ()
			if not send:isnil () and send:target_route ():sameinstance (bus) then return processor end
			i = i + 1
			processor = route:nth_send (i)
		end
	end

	-- Said on standard output and in Ardour's log; what the user has to do about, in a window as well.
	local function say (text, is_warning)
		print ("mixassist: " .. text)
		if is_warning and LuaDialog then
			LuaDialog.Message ("mixassist", "mixassist: " .. text, LuaDialog.MessageType.Warning, LuaDialog.ButtonType.Close):run ()
		end
	end

