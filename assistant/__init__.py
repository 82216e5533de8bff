"""The brain of mixassist: domain values, parameter table, analysis, differentiable console, engineers, command line."""
