"""Our strip and reverb as plug-ins for DAWs, built from the Faust programs that the offline engine renders."""
