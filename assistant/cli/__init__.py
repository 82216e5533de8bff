"""The command line: ``mixassist``. The one place, beside the companion's app, that puts the parts together."""
